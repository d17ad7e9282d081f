#include "tests/sim/world.h"

#include <algorithm>
#include <utility>

#include "dispatch/wire/message.h"
#include "engine/base/check.h"
#include "engine/base/pack.h"
#include "engine/base/pack_json.h"

namespace yard::sim {

using broker::Lane;
using jobs::Grade;
using wire::Verb;

namespace {

constexpr std::size_t kNetworkMax = 64;
constexpr std::uint64_t kEpochStep = 1u << 20;  // greater than the fences of one life, as wall time is

// Tenants, and what they share: a group, a GPU, a key, and a budget of the first.
constexpr std::array<std::string_view, 3> kTenants = {"ada", "bob", "eve"};
constexpr std::array<std::string_view, 3> kTools = {"once", "again", "heavy"};
constexpr std::uint64_t kGpu = 24;
constexpr std::uint64_t kHeavyGpu = 10;
constexpr std::uint32_t kGroupMost = 2;
constexpr std::uint64_t kBudget = 60;  // a window
constexpr std::int64_t kHeavySeconds = 10;

jobs::SchedulingPolicy scheduling() {
  jobs::SchedulingPolicy policy;
  policy.tenants["ada"] = {.weight = 3,
                           .budget = {.units = {{"seconds", kBudget}}, .window = std::chrono::seconds(20)}};
  policy.tenants["eve"].group = {.rate_per_s = 20, .burst = 4};
  policy.groups["idempotent"].concurrency = kGroupMost;
  policy.resources["gpu:0"] = kGpu;
  return policy;
}

jobs::ToolNeeds needs_of(std::string_view tool) {
  if (tool == "again") return {.groups = {"idempotent"}, .per_key = {.concurrency = 1}};
  if (tool == "heavy")
    return {.cost = 3,
            .resources = {{"gpu:0", kHeavyGpu}},
            .spends = {{"seconds", 1}},
            .estimate = std::chrono::seconds(kHeavySeconds)};
  return {};
}

tools::ToolSpec tool_of(std::string name, bool idempotent) {
  tools::ToolSpec spec;
  spec.name = std::move(name);
  spec.title = spec.description = "for the simulator";
  spec.arguments = spec.result = R"({"type": "object"})";
  spec.kind = tools::ToolKind::kJob;
  spec.idempotent = idempotent;
  spec.needs = needs_of(spec.name);
  spec.handler = tools::JobHandler([](auto&&...) { return Status{}; });  // the world plays the workers
  return spec;
}

Bytes packed_options(std::string_view grade, std::uint64_t delay_ms, const std::optional<JobId>& after,
                     const std::optional<JobId>& parent, std::string_view coalesce, std::string_view key) {
  Bytes bytes;
  PackWriter writer(bytes);
  PackMap map(writer);
  map.string("grade", grade);
  if (!key.empty()) map.string("concurrency_key", key);
  if (!coalesce.empty()) {
    map.string("key", coalesce).string("coalesce", coalesce);
    if (coalesce == "debounce") map.natural("debounce_ms", 500);
    return bytes;
  }
  if (parent) map.string("parent", to_hex(parent->value()));
  if (after) {
    PackArray parents = map.array("after");
    parents.string(to_hex(after->value()));
  } else if (delay_ms > 0) {
    map.natural("delay_ms", delay_ms);
  }
  return bytes;
}

const Bytes kEmptyMap(1, static_cast<char>(0x80));

}  // namespace

World::World(const WorldOptions& options)
    : options_(options),
      random_(options.seed),
      workers_(random_, [this](std::string what) { broken(std::move(what)); }) {
  YARD_CHECK(registry_.add(tool_of("once", false)).has_value());
  YARD_CHECK(registry_.add(tool_of("again", true)).has_value());
  YARD_CHECK(registry_.add(tool_of("heavy", false)).has_value());
  start();
}

World::~World() = default;

void World::broken(std::string what) {
  if (!broken_) broken_ = std::move(what);
}

// ---- the broker's life

void World::start() {
  auto log = SimLog::open(disk_, options_.canary ? SimLog::Honesty::kLiar : SimLog::Honesty::kHonest);
  if (!log) return broken("the log can't be opened: " + to_string(log.error()));
  log_ = std::make_unique<SimLog>(*std::move(log));
  epoch_ += kEpochStep;
  broker::CoreOptions options{.version = "sim", .epoch = epoch_, .executor_slots = 3};
  options.scheduling = scheduling();
  options.principal_of = [](const broker::Peer& peer) { return std::string(peer.routing_id); };
  options.limits.ended_ttl = std::chrono::hours(24 * 365);
  if (forgets_early()) options.limits.ended_count_max = 5;
  core_ = std::make_unique<broker::Core>(options, registry_, random_);
  const auto last = log_->replay([&](const jobs::Record& record) { return core_->restore(clock_.now(), record); });
  if (!last) return broken("the log can't be replayed: " + to_string(last.error()));
  core_->resume(clock_.now(), *last);
  for (const std::string_view tenant : kTenants) hello(std::string(tenant));
  check_acknowledged();
  workers_.check(*core_);
}

void World::die(Death death) {
  ++(death == Death::kKill ? tally_.kills : tally_.power_losses);
  for (auto& [id, work] : works_) {
    late_.push_back({.id = id, .fence = work.fence, .what = jobs::Finished{.outcome = kEmptyMap}});
  }
  works_.clear();
  stopping_.clear();
  core_.reset();
  log_.reset();
  if (death == Death::kPowerLoss) disk_.crash(random_);
  disk_.set_capacity(UINT64_MAX);
  disk_.fail_syncs(false);
  pausing_.clear();
  forget_what_may_be_lost(death);
  workers_.broker_died(
      [&](Grade grade) { return grade == Grade::kSynced || (grade == Grade::kBuffered && death == Death::kKill); });
  start();
}

// What was acknowledged with a grade that does not promise to survive this.
void World::forget_what_may_be_lost(Death death) {
  std::erase_if(known_, [&](const auto& entry) {
    const Known& known = entry.second;
    if (!known.grade) return false;
    return *known.grade == Grade::kVolatile || (death == Death::kPowerLoss && *known.grade == Grade::kBuffered);
  });
}

void World::hello(const std::string& tenant) {
  Bytes body;
  PackWriter writer(body);
  PackMap(writer).string("client", "sim");
  core_->on_frame(clock_.now(), Lane::kRequests, tenant, wire::encode({.verb = Verb::kHello}, "", body));
  settle();
}

// ---- clients and the network

std::optional<JobId> World::any_known(std::string_view tenant) {
  if (known_.empty()) return std::nullopt;
  auto entry = known_.begin();
  std::advance(entry, static_cast<std::ptrdiff_t>(pick(known_.size())));
  return entry->second.tenant == tenant ? std::optional(entry->first) : std::nullopt;
}

void World::submit() {
  const JobId id(make_uuid(random_));
  constexpr std::array<std::string_view, 3> kGrades = {"volatile", "buffered", "synced"};
  const std::string tenant(kTenants[pick(kTenants.size())]);
  const std::optional<JobId> after = chance(4) ? any_known(tenant) : std::nullopt;
  const std::optional<JobId> parent = chance(3) ? any_known(tenant) : std::nullopt;
  constexpr std::array kCalled = {kTools[0], kTools[1], kTools[2], SimWorkers::kOnce, SimWorkers::kAgain};
  const std::string_view tool = kCalled[pick(kCalled.size())];
  const std::string_view key = tool == "again" && chance(2) ? (chance(2) ? "k1" : "k2") : "";
  const std::string_view grade = kGrades[pick(3)];
  constexpr std::array<std::string_view, 3> kCoalesces = {"join", "debounce", "supersede"};
  const std::string_view coalesce = chance(4) ? kCoalesces[pick(3)] : "";
  const Bytes body = packed_options(grade, chance(4) ? pick(2'000) : 0, after, parent, coalesce, key) + kEmptyMap;
  wire::Header header{.verb = Verb::kCall, .flags = wire::kHasOptions, .priority = static_cast<std::uint8_t>(pick(4))};
  header.id = id.value();
  header.session = sessions_[tenant];
  header.budget_ms = chance(2) ? 0 : static_cast<std::uint32_t>(pick(3'000));
  header.correlation = ++correlation_;
  const Bytes frame = wire::encode(header, tool, body);
  known_[id] = {.frame = frame, .grade = {}, .end = {}, .tenant = tenant};
  ++tally_.submitted;
  send(tenant, frame);
}

// A client, now and then: something new, something again, a question, a change of mind.
void World::act() {
  for (const std::string& tenant : std::exchange(strangers_, {})) hello(tenant);
  if (known_.empty() || chance(3)) return submit();
  if (chance(8)) return submit_batch();
  auto entry = known_.begin();
  std::advance(entry, static_cast<std::ptrdiff_t>(pick(known_.size())));
  const std::string& tenant = entry->second.tenant;
  if (chance(3)) {
    Bytes again = entry->second.frame;
    // The session is another one after a restart; the request is the same.
    wire::Message message = *wire::decode(again);
    message.header.session = sessions_[tenant];
    return send(tenant, wire::encode(message.header, message.tool, message.body));
  }
  if (chance(5)) return tend_dead_letter(tenant, entry->first);
  ask(tenant, chance(4) ? Verb::kCancel : Verb::kStatus, JobId(), {{"job_id", to_hex(entry->first.value())}});
}

// Several at once: all of them, or none.
void World::submit_batch() {
  nlohmann::json calls = nlohmann::json::array();
  std::vector<JobId> ids;
  for (std::uint64_t i = 0; i < 2 + pick(3); ++i) {
    ids.emplace_back(make_uuid(random_));
    calls.push_back({{"id", to_hex(ids.back().value())}, {"tool", chance(10) ? "nothing" : "again"}});
    if (i > 0 && chance(2)) calls.back()["options"] = {{"after", {to_hex(ids.front().value())}}};
  }
  batches_.push_back(std::move(ids));
  ask(std::string(kTenants[0]), Verb::kSubmitBatch, JobId(), {{"calls", calls}, {"atomic", true}});
}

// Whatever was lost on the way or with the power, never only a part.
void World::check_batches() {
  for (const std::vector<JobId>& batch : batches_) {
    const auto there = [&](JobId id) {
      return core_->jobs().find(id) != nullptr || core_->jobs().find_tombstone(id, kTenants[0]) != nullptr;
    };
    if (there(batch.front()) != std::ranges::all_of(batch, there)) return broken("a part of a batch is there");
  }
}

// A key has one job, but for those that are being stopped; a debounced one that began may be followed by one that
// waits.
void World::check_keys() {
  std::map<std::string, JobId> holders;
  for (const jobs::Job* job = core_->jobs().newest(); job != nullptr; job = core_->jobs().older(*job)) {
    if (is_terminal(job->state) || job->state == jobs::JobState::kCancelling || job->terms().key.empty()) continue;
    const bool waits = job->state == jobs::JobState::kScheduled && job->attempt == 0;
    if (job->terms().key == "debounce" && !waits) continue;
    const auto [holder, is_first] =
        holders.emplace(std::string(job->principal) + ' ' + std::string(job->tool) + ' ' + job->terms().key, job->id);
    if (!is_first)
      broken("jobs " + to_hex(holder->second.value()) + " and " + to_hex(job->id.value()) + " have one key");
  }
}

// A person looks at one, whether it is a dead letter or not.
void World::tend_dead_letter(const std::string& tenant, JobId id) {
  if (chance(2)) return ask(tenant, Verb::kDeadPurge, JobId(), {{"job_ids", {to_hex(id.value())}}});
  ask(tenant, Verb::kDeadReplay, JobId(make_uuid(random_)), {{"job_id", to_hex(id.value())}});
}

void World::ask(const std::string& tenant, Verb verb, JobId id, const nlohmann::json& body) {
  send(tenant,
       wire::encode({.verb = verb, .correlation = ++correlation_, .id = id.value(), .session = sessions_[tenant]}, "",
                    pack(body)));
}

// An administrator, whose socket is a control socket on the same machine: nothing is reordered there.
void World::administer() {
  const std::string tool(kTools[pick(kTools.size())]);
  const Verb verb = chance(6) ? Verb::kPurge : chance(2) ? Verb::kPause : Verb::kResume;
  Bytes body;
  PackWriter writer(body);
  {
    PackMap map(writer);
    PackMap target = map.map("target");
    target.string("tool", tool);
  }
  const std::string tenant(kTenants[0]);
  ++correlation_;
  if (verb == Verb::kPause) {
    pausing_[correlation_] = tool;
    ++tally_.paused;
  } else if (verb == Verb::kResume) {
    paused_.erase(tool);
    std::erase_if(pausing_, [&](const auto& entry) { return entry.second == tool; });
  }
  core_->on_frame(clock_.now(), Lane::kControl, tenant,
                  wire::encode({.verb = verb, .correlation = correlation_, .session = sessions_[tenant]}, "", body));
}

// What was acknowledged holds until it is taken back, whatever dies meanwhile.
void World::told_of_admin(std::uint64_t correlation) {
  const auto entry = pausing_.find(correlation);
  if (entry == pausing_.end()) return;
  paused_.insert(entry->second);
  pausing_.erase(entry);
}

void World::check_not_paused(const jobs::Work& work) {
  if (paused_.contains(work.tool)) broken("a job of " + work.tool + " begins, which is paused");
}

void World::resume_everything() {
  pausing_.clear();
  paused_.clear();
  const std::string tenant(kTenants[0]);
  hello(tenant);
  for (const jobs::Target& target : std::vector<jobs::Target>(core_->admin().pauses())) {
    Bytes body;
    PackWriter writer(body);
    {
      PackMap map(writer);
      write_target(map.value("target"), target);
    }
    core_->on_frame(clock_.now(), Lane::kControl, tenant,
                    wire::encode({.verb = Verb::kResume, .session = sessions_[tenant]}, "", body));
  }
}

void World::send(const std::string& tenant, Bytes frame) {
  if (!calm_ && chance(20)) return;  // lost
  if (!calm_ && chance(20)) network_.push_back({tenant, frame});
  network_.push_back({tenant, std::move(frame)});
  if (network_.size() > kNetworkMax) network_.erase(network_.begin());
}

void World::deliver() {
  if (network_.empty()) return;
  const std::size_t at = pick(network_.size());
  auto [tenant, frame] = std::move(network_[at]);
  network_.erase(network_.begin() + static_cast<std::ptrdiff_t>(at));
  if (!calm_ && chance(50)) frame.resize(pick(frame.size() + 1));  // torn
  core_->on_frame(clock_.now(), Lane::kRequests, tenant, frame);
}

void World::receive(const std::string& tenant, BytesView frame) {
  if (!calm_ && chance(25)) return;  // lost
  const auto message = wire::decode(frame);
  if (!message) return broken("a reply that is no message");
  if (message->header.verb == Verb::kWelcome) {
    sessions_[tenant] = message->header.session;
    return;
  }
  const Verb verb = message->header.verb;
  if (verb == Verb::kAck) return told_of_admin(message->header.correlation);
  if (verb == Verb::kNack && PackView(message->body).find("name").string_or("") == "no_session")
    strangers_.insert(tenant);
  if (verb != Verb::kJob && verb != Verb::kResult && verb != Verb::kData) return;
  const PackView body(message->body);
  if (const auto id = parse_uuid(body.find("job_id").string_or(""))) told(JobId(*id), body);
}

void World::told(JobId id, PackView record) {
  const auto entry = known_.find(id);
  if (entry == known_.end()) return;
  Known& known = entry->second;
  const auto grade = jobs::parse_grade(record.find("grade").string_or(""));
  if (!known.grade && !grade) return;  // a tombstone: what it promised to survive is not known
  if (!known.grade && grade) {
    known.grade = grade;
    ++tally_.acknowledged;
  }
  const auto state = jobs::parse_state(record.find("state").string_or(""));
  if (!state) return broken("a job in no state");
  const std::string name{name_of(*state)};
  const bool may_run_again = *known.grade == Grade::kVolatile;  // once it is forgotten, nothing of it is left
  if (!known.end.empty() && known.end != name && !may_run_again)
    broken("job " + to_hex(id.value()) + " had ended as " + known.end + " and is " + name);
  if (is_terminal(*state)) known.end = name;
}

// ---- workers

void World::work() {
  if (!late_.empty() && chance(4)) {
    core_->on_report(clock_.now(), std::move(late_.back()));
    late_.pop_back();
    return;
  }
  if (!stopping_.empty() && chance(2)) {
    core_->on_report(clock_.now(), std::move(stopping_.back()));
    stopping_.pop_back();
    return;
  }
  if (works_.empty()) return;
  auto entry = works_.begin();
  std::advance(entry, static_cast<std::ptrdiff_t>(pick(works_.size())));
  const JobId id = entry->first;
  const std::uint64_t fence = entry->second.fence;
  const auto report = [&](auto what) { core_->on_report(clock_.now(), {.id = id, .fence = fence, .what = what}); };
  switch (calm_ ? 3 : pick(9)) {
    case 0: return report(jobs::Started{});
    case 1: return report(jobs::Progressed{.percent = static_cast<double>(pick(100)), .message = "on its way"});
    case 2: return report(jobs::Chunked{.data = Bytes(pick(600), 'c')});
    case 3:
    case 4:
      report(jobs::Started{});
      report(jobs::Finished{.outcome = kEmptyMap, .busy = std::chrono::seconds(pick(kHeavySeconds + 1))});
      break;
    case 5:
      report(jobs::Finished{.outcome = fail(ErrorCode::kUnavailable, "not now"), .busy = std::chrono::seconds(1)});
      break;
    case 6: report(jobs::Finished{.outcome = fail(ErrorCode::kToolFailed, "never")}); break;
    case 7: report(jobs::Finished{.outcome = fail(ErrorCode::kWorkerLost, "it died")}); break;
    default: return;
  }
  works_.erase(id);
  late_.push_back({.id = id, .fence = fence, .what = jobs::Finished{.outcome = kEmptyMap}});
  if (late_.size() > 8) late_.erase(late_.begin());
}

// ---- the broker's outputs

void World::take(broker::Effects& effects) {
  effects.events.each([&](const broker::Everyone&, BytesView frame) { fingerprint_ = hash64(frame, fingerprint_); });
  // What began before a pause may be told after it, never the other way around.
  for (const jobs::Work& work : effects.starts) check_not_paused(work);
  effects.replies.each([&](const broker::Peer& peer, BytesView frame) {
    fingerprint_ = hash64(frame, fingerprint_);
    peer.lane == Lane::kWorkers ? workers_.receive(peer.routing_id, frame)
                                : receive(std::string(peer.routing_id), frame);
  });
  for (jobs::Work& work : effects.starts) {
    if (works_.contains(work.id)) broken("job " + to_hex(work.id.value()) + " runs twice at the same time");
    works_[work.id] = std::move(work);
  }
  for (const JobId id : effects.stops) {
    const auto entry = works_.find(id);
    if (entry == works_.end() || chance(3)) continue;  // some never look
    const std::uint64_t fence = entry->second.fence;
    works_.erase(entry);
    stopping_.push_back(
        {.id = id, .fence = fence, .what = jobs::Finished{.outcome = fail(ErrorCode::kCancelled, "stopped")}});
  }
}

void World::settle() {
  for (;;) {
    broker::Outputs out;
    core_->flush(clock_.now(), out);
    if (out.empty()) return;
    if (!out.records.empty()) log_->append(epoch_, out.records, out.last);
    log_->completions(commits_);
    for (const jobs::Commit& commit : commits_) core_->on_commit(commit);
    take(out.effects);
  }
}

// ---- what must hold

void World::check_acknowledged() {
  if (broken_) return;
  for (const auto& [id, known] : known_) {
    if (!known.grade) continue;
    const jobs::Job* job = core_->jobs().find(id);
    const jobs::Tombstone* tombstone = core_->jobs().find_tombstone(id, known.tenant);
    if (job == nullptr && tombstone != nullptr) {
      if (!known.end.empty() && known.end != name_of(tombstone->state))
        return broken("job " + to_hex(id.value()) + " had ended as " + known.end + " and its tombstone says otherwise");
      continue;
    }
    if (*known.grade == Grade::kVolatile) continue;  // forgotten, it leaves nothing behind, and may have run again
    if (job == nullptr)
      return broken("job " + to_hex(id.value()) + ", acknowledged as " + std::string(name_of(*known.grade)) +
                    ", is gone");
    if (!known.end.empty() && known.end != name_of(job->state))
      return broken("job " + to_hex(id.value()) + " had ended as " + known.end + " and is " +
                    std::string(name_of(job->state)));
  }
}

// Below a cancelled job nothing goes on.
void World::check_trees() {
  for (const jobs::Job* job = core_->jobs().newest(); job != nullptr; job = core_->jobs().older(*job)) {
    if (is_terminal(job->state) || job->state == jobs::JobState::kCancelling || !job->terms().parent) continue;
    const jobs::Job* parent = core_->jobs().find(job->terms().parent);
    if (parent != nullptr &&
        (parent->state == jobs::JobState::kCancelled || parent->stop_cause == jobs::StopCause::kCancel))
      broken("job " + to_hex(job->id.value()) + " goes on, and its parent was cancelled");
  }
}

// Never more of a group or a resource than there is, of what really runs; and the queue's own count of it.
void World::check_limits() {
  std::map<std::string, std::uint64_t> running;
  std::map<std::string, std::uint64_t> keys;
  const auto count = [&](JobId id) {
    const jobs::Job* job = core_->jobs().find(id);
    if (job == nullptr) return;
    ++running[std::string(job->tool)];
    if (!job->terms().concurrency_key.empty()) ++keys[job->terms().concurrency_key];
  };
  for (const auto& [id, work] : works_) count(id);
  for (const jobs::Report& report : stopping_) count(report.id);
  if (running["again"] > kGroupMost) broken("a group of two runs " + std::to_string(running["again"]));
  if (running["heavy"] * kHeavyGpu > kGpu) broken("jobs run that need more of the GPU than there is");
  for (const auto& [key, held] : keys) {
    if (held > 1) broken("two jobs of the key " + key + " run at the same time");
  }
  const jobs::ReadyQueue& queue = core_->jobs().queue();
  if (queue.resources().used("gpu:0") < running["heavy"] * kHeavyGpu) broken("a GPU in use counts as free");
  if (jobs::amount_of(queue.budget_of("ada")->spent(), "seconds") > kBudget * 1'000)
    broken("more was spent than the budget has");
}

// The faults stop; everything comes to an end.
void World::calm_down() {
  calm_ = true;
  workers_.calm();
  disk_.set_capacity(UINT64_MAX);
  disk_.fail_syncs(false);
  resume_everything();
  for (int turn = 0; turn < 20'000 && !broken_; ++turn) {
    if (core_->jobs().live() == 0 && network_.empty() && !log_->step()) return;
    deliver();
    work();
    log_->step();
    log_->completions(commits_);
    for (const jobs::Commit& commit : commits_) core_->on_commit(commit);
    clock_.advance(Millis(20));
    core_->on_tick(clock_.now());
    workers_.act(*core_, clock_.now());
    workers_.tick(*core_, clock_.now());
    settle();
  }
  if (core_->jobs().live() > 0) broken(std::to_string(core_->jobs().live()) + " jobs never end");
}

// What failed and could have gone well is a dead letter, and nothing else is.
void World::check_dead_letter(const jobs::Job& job) {
  const bool dead = job.state == jobs::JobState::kFailed && is_retryable(job.run->error->code);
  if (job.run->dead_letter != dead)
    broken("job " + to_hex(job.id.value()) + (dead ? " is not" : " is") + " a dead letter");
  if (job.run->deaths > 3) broken("job " + to_hex(job.id.value()) + " died too often");
}

void World::check_end() {
  check_acknowledged();
  if (core_->jobs().queue().resources().used("gpu:0") > 0) broken("the GPU is held by nobody");
  workers_.check(*core_);
  for (const jobs::Job* job = core_->jobs().newest(); job != nullptr && !broken_; job = core_->jobs().older(*job)) {
    ++tally_.ended;
    check_dead_letter(*job);
    std::uint64_t seq = 0;
    int ends = 0;
    Bytes newest_chunk;
    job->run->stream.replay(1, [&](const iopub::EventHeader& header, BytesView body) {
      if (header.kind == iopub::EventKind::kChunk && job->executor == jobs::ExecutorKind::kWorkers) {
        const BytesView chunk = PackView(body).find("data").binary().value_or("");
        if (!SimWorkers::is_in_order(newest_chunk, chunk))
          broken("a chunk of job " + to_hex(job->id.value()) + " came twice");
        newest_chunk = chunk;
      }
      if (seq != 0 && header.seq != seq + 1) broken("a hole in the stream of job " + to_hex(job->id.value()));
      if (ends > 0) broken("an event behind the end of job " + to_hex(job->id.value()));
      seq = header.seq;
      ends += header.kind == iopub::EventKind::kComplete || header.kind == iopub::EventKind::kError;
      return true;
    });
    if (ends != 1) broken("job " + to_hex(job->id.value()) + " has " + std::to_string(ends) + " last events");
  }
}

// The log itself: one submit, one end, nothing behind it. A restart reads it all.
void World::check_log() {
  core_.reset();
  auto log = SimLog::open(disk_, SimLog::Honesty::kHonest);
  if (!log) return broken("the log can't be opened in the end: " + to_string(log.error()));
  std::map<JobId, int> ends;
  const auto last = log->replay([&](const jobs::Record& record) -> Status {
    if (record.head.kind == jobs::RecordKind::kForgotten) return {};
    if (ends[record.head.job] > 0) broken("a record behind the end of job " + to_hex(record.head.job.value()));
    ends[record.head.job] += record.head.kind == jobs::RecordKind::kEnded;
    return {};
  });
  if (!last) broken("the log can't be read in the end: " + to_string(last.error()));
}

// ---- the play

std::optional<std::string> World::run() {
  for (int step = 0; step < options_.steps && !broken_; ++step) {
    switch (pick(16)) {
      case 0:
      case 1:
      case 2: act(); break;
      case 3:
      case 4: deliver(); break;
      case 5:
      case 6: work(); break;
      case 7:
      case 8: log_->step(); break;
      case 9:
        clock_.advance(Millis(pick(1'500)));
        if (chance(10)) clock_.step_wall(std::chrono::seconds(pick(7'200)) - std::chrono::hours(1));
        core_->on_tick(clock_.now());
        workers_.tick(*core_, clock_.now());
        break;
      case 10:
        if (chance(4)) {
          ++tally_.full_disks;
          disk_.set_capacity(chance(2) ? 1 : UINT64_MAX);
        }
        if (chance(30)) disk_.fail_syncs(true);
        break;
      case 11:
        if (chance(3)) administer();
        break;
      case 12:
      case 13:
      case 14: workers_.act(*core_, clock_.now()); break;
      default:
        if (chance(6)) die(chance(2) ? Death::kKill : Death::kPowerLoss);
    }
    if (broken_) break;
    log_->completions(commits_);
    for (const jobs::Commit& commit : commits_) core_->on_commit(commit);
    settle();
    check_limits();
    // The broker ends itself where its disk failed; what was written and not synced is anybody's guess.
    if (!core_->fatal().empty()) die(Death::kPowerLoss);
    check_trees();
    check_batches();
    check_keys();
  }
  if (!broken_) calm_down();
  if (!broken_) check_end();
  if (!broken_) check_log();
  return broken_;
}

}  // namespace yard::sim
