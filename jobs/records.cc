#include "jobs/records.h"

#include <cstring>

namespace yard::jobs {
namespace {

constexpr std::size_t kIdBytes = 16;
constexpr std::uint32_t kUsualFields = 12;
constexpr std::uint32_t kTermsFields = 12;

// Reads one array, field by field; what is missing or of another type spoils it.
class Fields {
 public:
  explicit Fields(BytesView bytes) : cursor_(bytes) { left_ = take(PackType::kArray).count; }

  [[nodiscard]] std::uint64_t natural() { return field(PackType::kInteger).natural; }
  [[nodiscard]] BytesView text() { return field(PackType::kString).bytes; }
  [[nodiscard]] BytesView binary() { return field(PackType::kBinary).bytes; }
  [[nodiscard]] JobId id() {
    const BytesView bytes = binary();
    good_ = good_ && bytes.size() == kIdBytes;
    return good_ ? JobId(uuid_from_bytes(bytes)) : JobId();
  }

  template <typename T>
  [[nodiscard]] T small() {
    const std::uint64_t value = natural();
    if (value > static_cast<std::uint64_t>(std::numeric_limits<T>::max())) good_ = false;
    return static_cast<T>(value);
  }
  [[nodiscard]] JobState state() { return one_of<JobState>(kJobStates); }
  template <typename Enum>
  [[nodiscard]] Enum one_of(std::size_t count) {
    const std::uint64_t value = natural();
    if (value >= count) good_ = false;
    return static_cast<Enum>(value < count ? value : 0);
  }
  [[nodiscard]] Millis millis() { return Millis(small<std::int64_t>()); }
  [[nodiscard]] Nanos nanos() { return Nanos(small<std::int64_t>()); }

  [[nodiscard]] std::uint32_t left() const { return left_; }
  [[nodiscard]] Status status(std::string_view kind) const {
    if (good_) return {};
    return fail(ErrorCode::kBadFrame, "record: its body is no " + std::string(kind));
  }

 private:
  PackToken take(PackType type) {
    PackToken token;
    if (good_ && cursor_.next(token) && token.type == type) return token;
    good_ = false;
    return {};
  }
  PackToken field(PackType type) {
    if (left_ == 0) good_ = false;
    --left_;
    return take(type);
  }

  PackCursor cursor_;
  std::uint32_t left_ = 0;
  bool good_ = true;
};

BytesView bytes_of(const Uuid& id) { return {reinterpret_cast<const char*>(id.octets.data()), id.octets.size()}; }

void write_millis(PackWriter& writer, Millis duration) { writer.natural(static_cast<std::uint64_t>(duration.count())); }

BytesView bytes_of(const JobId& id) { return bytes_of(id.value()); }

template <typename Enum>
void write_enum(PackWriter& writer, Enum value) {
  writer.natural(static_cast<std::uint64_t>(value));
}

}  // namespace

namespace {

// Flat and of one size a binding.
Bytes packed_bindings(const std::vector<Binding>& with) {
  Bytes bytes;
  if (with.empty()) return bytes;
  PackWriter writer(bytes);
  PackArray array(writer);
  for (const Binding& binding : with)
    array.string(binding.argument).binary(bytes_of(binding.job)).string(binding.pointer);
  return bytes;
}

Result<std::vector<Binding>> read_bindings(BytesView bytes) {
  std::vector<Binding> with;
  if (bytes.empty()) return with;
  YARD_TRY_STATUS(check_pack(bytes));
  std::vector<PackView> values;
  PackView(bytes).each_element([&](PackView value) { values.push_back(value); });
  for (std::size_t at = 0; at + 3 <= values.size(); at += 3) {
    const auto job = values[at + 1].binary();
    if (!job || job->size() != kIdBytes) return fail(ErrorCode::kBadFrame, "record: a binding to no job");
    with.push_back({.argument = std::string(values[at].string_or("")),
                    .job = JobId(uuid_from_bytes(*job)),
                    .pointer = std::string(values[at + 2].string_or(""))});
  }
  return with;
}

}  // namespace

void write_submitted(PackWriter& writer, const Job& job) {
  const JobTerms* terms = job.own_terms.get();
  writer.array(terms ? kUsualFields + kTermsFields : kUsualFields);
  writer.string(job.tool);
  writer.natural(job.tool_version);
  writer.string(job.principal);
  writer.natural(job.digest);
  writer.natural(job.priority);
  write_enum(writer, job.wait_class);
  writer.natural(job.attempts_max);
  writer.natural(job.concurrency_max);
  write_enum(writer, job.executor);
  write_enum(writer, job.state);
  write_millis(writer, job.attempt_timeout);
  writer.binary(job.arguments.view());
  if (terms == nullptr) return;
  write_millis(writer, terms->delay);
  write_millis(writer, terms->queue_ttl);
  write_millis(writer, terms->deadline);
  write_enum(writer, terms->on_parent_failure);
  Bytes after;
  for (const JobId id : terms->after) after.append(bytes_of(id));
  writer.binary(after);
  writer.binary(bytes_of(terms->parent));
  writer.binary(bytes_of(terms->replay_of));
  write_millis(writer, terms->result_ttl);
  writer.string(terms->key);
  writer.binary(packed_bindings(terms->with));
  writer.string(terms->concurrency_key);
  writer.natural(terms->deterministic);
}

Result<Submitted> read_submitted(const Record& record) {
  Fields fields(record.body);
  Submitted submitted;
  JobOrder& order = submitted.order;
  order.id = record.head.job;
  order.grade = record.head.grade;
  order.tool = fields.text();
  order.tool_version = fields.small<std::uint32_t>();
  order.principal = fields.text();
  order.digest = fields.natural();
  order.priority = fields.one_of<std::uint8_t>(kPriorities);
  order.wait_class = fields.one_of<WaitClass>(3);
  order.attempts_max = fields.small<std::uint8_t>();
  order.concurrency_max = fields.small<std::uint32_t>();
  order.executor = fields.one_of<ExecutorKind>(kExecutorKinds);
  submitted.state = fields.state();
  order.attempt_timeout = fields.millis();
  order.arguments = fields.binary();
  if (fields.left() > 0) {
    order.delay = fields.millis();
    order.queue_ttl = fields.millis();
    order.deadline = fields.millis();
    order.on_parent_failure = fields.one_of<ParentPolicy>(2);
    BytesView after = fields.binary();
    for (; after.size() >= kIdBytes; after.remove_prefix(kIdBytes)) {
      submitted.after.emplace_back(uuid_from_bytes(after.substr(0, kIdBytes)));
    }
    order.after = submitted.after;
    order.parent = fields.id();
    order.replay_of = fields.id();
    order.result_ttl = fields.millis();
    order.key = fields.text();
    YARD_TRY(submitted.with, read_bindings(fields.binary()));
    order.with = submitted.with;
    order.concurrency_key = fields.text();
    order.deterministic = fields.small<std::uint8_t>() != 0;
  }
  YARD_TRY_STATUS(fields.status("order"));
  return submitted;
}

void write_changed(PackWriter& writer, const Job& job) {
  const JobRun* run = job.run.get();
  const std::uint32_t deaths = run ? run->deaths : 0;
  const bool remote = run != nullptr && run->worker;
  const bool usual = deaths == 0 && job.stop_cause == StopCause::kNone && !remote;
  writer.array(usual ? 3 : remote ? 6 : 5);
  write_enum(writer, job.state);
  writer.natural(job.attempt);
  writer.natural(job.fence);
  if (usual) return;
  write_enum(writer, job.stop_cause);
  writer.natural(deaths);
  if (remote) writer.binary(bytes_of(run->worker));
}

Result<Changed> read_changed(const Record& record) {
  Fields fields(record.body);
  Changed changed;
  changed.state = fields.state();
  changed.attempt = fields.small<std::uint32_t>();
  changed.fence = fields.natural();
  if (fields.left() > 0) {
    changed.stop_cause = fields.one_of<StopCause>(kStopCauses);
    changed.deaths = fields.small<std::uint32_t>();
    if (fields.left() > 0) changed.worker = fields.id().value();
  }
  YARD_TRY_STATUS(fields.status("change"));
  if (is_terminal(changed.state)) return fail(ErrorCode::kBadFrame, "record: a change to a last state");
  return changed;
}

void write_amended(PackWriter& writer, const Job& job, Nanos postponed) {
  writer.array(2);
  write_millis(writer, std::chrono::ceil<Millis>(postponed));
  writer.binary(job.arguments.view());
}

Result<Amended> read_amended(const Record& record) {
  Fields fields(record.body);
  const Amended amended{.postponed = fields.millis(), .arguments = fields.binary()};
  YARD_TRY_STATUS(fields.status("amendment"));
  return amended;
}

void write_event(PackWriter& writer, iopub::EventKind kind, BytesView body) {
  writer.array(2);
  write_enum(writer, kind);
  writer.binary(body);
}

Result<Said> read_event(const Record& record) {
  constexpr auto kFirst = static_cast<std::uint8_t>(iopub::EventKind::kState);
  constexpr auto kLast = static_cast<std::uint8_t>(iopub::EventKind::kSnapshot);
  Fields fields(record.body);
  const auto kind = fields.small<std::uint8_t>();
  const BytesView body = fields.binary();
  YARD_TRY_STATUS(fields.status("event"));
  if (kind < kFirst || kind > kLast) return fail(ErrorCode::kBadFrame, "record: an event of no kind");
  return Said{.kind = iopub::EventKind{kind}, .body = body};
}

void write_ended(PackWriter& writer, JobState state, BytesView body, std::uint64_t fence) {
  writer.array(fence != 0 ? 3 : 2);
  write_enum(writer, state);
  writer.binary(body);
  if (fence != 0) writer.natural(fence);
}

Result<Ended> read_ended(const Record& record) {
  Fields fields(record.body);
  Ended ended{.state = fields.state(), .body = fields.binary()};
  if (fields.left() > 0) ended.fence = fields.natural();
  YARD_TRY_STATUS(fields.status("end"));
  if (!is_terminal(ended.state)) return fail(ErrorCode::kBadFrame, "record: an end in a state that is not the last");
  return ended;
}

void write_forgotten(PackWriter& writer, const Job& job) {
  writer.array(7);
  write_enum(writer, job.state);
  writer.natural(job.run->error ? static_cast<std::uint64_t>(job.run->error->code) : 0);
  writer.natural(job.digest);
  writer.string(job.tool);
  writer.string(job.principal);
  writer.natural(to_ns(job.created_at));
  writer.natural(to_ns(*job.run->ended_at));
}

Result<Forgotten> read_forgotten(const Record& record) {
  Fields fields(record.body);
  Forgotten forgotten;
  Tombstone& tombstone = forgotten.tombstone;
  tombstone.id = record.head.job;
  tombstone.dropped = record.head.time;
  tombstone.state = fields.state();
  if (const auto error = fields.small<std::uint16_t>(); error != 0) tombstone.error = ErrorCode{error};
  tombstone.digest = fields.natural();
  forgotten.tool = fields.text();
  forgotten.principal = fields.text();
  tombstone.created = WallTime(fields.nanos());
  tombstone.ended = WallTime(fields.nanos());
  YARD_TRY_STATUS(fields.status("tombstone"));
  if (!is_terminal(tombstone.state)) return fail(ErrorCode::kBadFrame, "record: a tombstone of what has not ended");
  return forgotten;
}

}  // namespace yard::jobs
