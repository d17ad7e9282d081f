#include "tests/broker/core/harness.h"

#include <utility>

#include "engine/base/pack_json.h"
#include "tests/support/fake_calendar.h"

namespace yard::broker {

using tools::ToolKind;
using tools::ToolSpec;

Harness::Harness(CoreOptions options, Commits commits) : options_(std::move(options)), commits_(commits) {
  add_tools();
  core_slot.emplace(options_, registry, random);
  core().on_subscription(now(), Bytes(1, '\x01'));  // everything
  hello();
}

// ---- tools

namespace {

ToolSpec spec_of(std::string name, ToolKind kind, tools::Handler handler) {
  ToolSpec spec;
  spec.name = std::move(name);
  spec.title = spec.name;
  spec.description = "for tests";
  spec.arguments = R"({"type": "object"})";
  spec.result = R"({"type": "object"})";
  spec.kind = kind;
  spec.read_only = true;
  spec.handler = std::move(handler);
  return spec;
}

ToolSpec job_of(std::string name, tools::TimeoutClass timeout_class, std::uint32_t concurrency_max = 0) {
  // Never run: the harness plays the executor.
  ToolSpec spec = spec_of(std::move(name), ToolKind::kJob, tools::JobHandler([](auto&&...) { return Status{}; }));
  spec.timeout_class = timeout_class;
  spec.read_only = false;
  spec.concurrency_max = concurrency_max;
  return spec;
}

}  // namespace

void Harness::add_tools() {
  const auto add = [&](ToolSpec spec) {
    const Status added = registry.add(std::move(spec));
    ASSERT_TRUE(added) << to_string(added.error());
  };
  const auto immediate = [&](std::string name, tools::ImmediateHandler handler) {
    return spec_of(std::move(name), ToolKind::kImmediate, std::move(handler));
  };
  ToolSpec echo = immediate("echo", [](PackView arguments, tools::InlineContext&, PackWriter& result) {
    PackMap(result).string("text", arguments.find("text").string_or(""));
    return Status{};
  });
  echo.arguments = R"({"type": "object", "properties": {"text": {"type": "string"}}, "additionalProperties": false})";
  add(std::move(echo));
  ToolSpec count = immediate("count", [this](PackView, tools::InlineContext&, PackWriter& result) {
    PackMap(result).integer("count", ++counted);
    return Status{};
  });
  count.read_only = false;
  add(std::move(count));
  ToolSpec fails = immediate("fails", [this](PackView, tools::InlineContext&, PackWriter&) {
    ++counted;
    return Status(fail(ErrorCode::kToolFailed, "it always does"));
  });
  fails.read_only = false;
  add(std::move(fails));
  add(immediate("huge", [](PackView, tools::InlineContext&, PackWriter& result) {
    PackMap(result).binary("data", Bytes(wire::kFrameBytesMax, 'x'));
    return Status{};
  }));
  add(immediate("publish", [](PackView arguments, tools::InlineContext& context, PackWriter& result) {
    Bytes value;
    PackWriter(value).integer(arguments.find("n").integer_or(0));
    context.set_value(arguments.find("key").string_or("key"), value);
    result.map(0);
    return Status{};
  }));
  ToolSpec note = spec_of("note", ToolKind::kAck,
                          tools::AckHandler{.act = [this](PackView arguments, tools::InlineContext&) -> Status {
                            ++noted;
                            if (arguments.find("fail").boolean_or(false)) return fail(ErrorCode::kToolFailed, "noted");
                            return {};
                          }});
  note.read_only = false;
  add(std::move(note));
  add(job_of("work", tools::TimeoutClass::kShort));
  add(job_of("slow", tools::TimeoutClass::kMedium));
  add(job_of("long", tools::TimeoutClass::kLong));
  ToolSpec again = job_of("again", tools::TimeoutClass::kShort);
  again.idempotent = true;
  add(std::move(again));
  add(job_of("narrow", tools::TimeoutClass::kShort, 1));
  ToolSpec brief = job_of("brief", tools::TimeoutClass::kShort);
  brief.result_ttl = std::chrono::seconds(1);
  add(std::move(brief));
  ToolSpec strict = job_of("strict", tools::TimeoutClass::kShort);
  strict.arguments =
      R"({"type": "object", "properties": {"n": {"type": "integer"}, "text": {"type": "string"}}, "required": ["n"]})";
  add(std::move(strict));
  for (const auto& [name, alias] : {std::pair{"job_status", tools::VerbAlias::kStatus},
                                    {"job_list", tools::VerbAlias::kList},
                                    {"job_poll", tools::VerbAlias::kWait},
                                    {"job_cancel", tools::VerbAlias::kCancel},
                                    {"job_why", tools::VerbAlias::kWhy}}) {
    add(spec_of(name, ToolKind::kImmediate, alias));
  }
}

void Harness::store_result(ErrorCode error) {
  jobs::Report report = std::move(keeps.front());
  keeps.erase(keeps.begin());
  auto& end = std::get<jobs::Finished>(report.what);
  end.by_reference = error == ErrorCode{};
  if (end.by_reference) {
    end.outcome = pack({{"content_hash", "blake2b-256:kept"}, {"size_bytes", end.outcome->size()}});
  } else {
    end.outcome = fail(error, "it could not be stored");
  }
  core().on_report(now(), std::move(report));
  settle();
}

// ---- time

void Harness::advance(Nanos by) {
  const SteadyTime end = now().steady + by;
  while (now().steady < end) {
    // At least a millisecond, as the loop's poll has no finer timeout.
    const SteadyTime next = std::max(core().next_tick(), now().steady + Millis(1));
    clock.advance(std::min(next, end) - now().steady);
    core().on_tick(now());
    settle();
  }
}

// ---- client

void Harness::post_bytes(BytesView frame, Lane lane) {
  core().on_frame(now(), lane, "peer", frame);
  settle();
}

std::uint64_t Harness::post(Verb verb, const json& body, Asking asking) {
  const std::uint64_t correlation = ++last_correlation_;
  Bytes bytes;
  if (!asking.options.is_null()) bytes = pack(asking.options);
  bytes += pack(body);
  const std::uint8_t flags = asking.options.is_null() ? 0 : wire::kHasOptions;
  post_bytes(wire::encode({.verb = verb,
                           .flags = flags,
                           .priority = asking.priority,
                           .correlation = correlation,
                           .id = asking.id,
                           .session = asking.session.value_or(session),
                           .budget_ms = asking.budget_ms,
                           .group = asking.group,
                           .sent_ns = asking.sent_ns,
                           .fence = asking.fence},
                          asking.tool, bytes),
             asking.lane);
  return correlation;
}

std::optional<Reply> Harness::reply_to(std::uint64_t correlation) {
  for (auto reply = replies.begin(); reply != replies.end(); ++reply) {
    if (reply->header.correlation != correlation) continue;
    Reply found = std::move(*reply);
    replies.erase(reply);
    return found;
  }
  return std::nullopt;
}

Reply Harness::ask(Verb verb, const json& body, Asking asking) {
  auto reply = reply_to(post(verb, body, std::move(asking)));
  EXPECT_TRUE(reply) << "no reply to " << name_of(verb);
  return reply ? *std::move(reply) : Reply{};
}

Reply Harness::hello(const json& body) {
  Reply reply = ask(Verb::kHello, body);
  if (reply.verb() == Verb::kWelcome) session = reply.header.session;
  return reply;
}

JobId Harness::submit(std::string_view tool, json options) {
  const JobId id(fresh_id());
  const std::uint64_t correlation = post(
      Verb::kCall, json::object(), {.id = id.value(), .budget_ms = 0, .tool = tool, .options = std::move(options)});
  if (const auto reply = reply_to(correlation)) {
    EXPECT_TRUE(reply->verb() == Verb::kJob || reply->verb() == Verb::kResult) << reply->body;
  }
  return id;
}

Reply Harness::cancel(JobId id, std::string_view reason) {
  json body = {{"job_id", hex_of(id)}};
  if (!reason.empty()) body["reason"] = reason;
  return ask(Verb::kCancel, body);
}

// ---- executor

void Harness::report(
    JobId id,
    std::variant<jobs::Started, jobs::Progressed, jobs::Chunked, jobs::ArtifactCreated, jobs::Logged, jobs::Finished>
        what) {
  const auto work = works.find(id);
  ASSERT_NE(work, works.end()) << "the executor was not given " << hex_of(id);
  const std::uint64_t fence = work->second.fence;
  if (std::holds_alternative<jobs::Finished>(what)) works.erase(work);
  core().on_report(now(), {.id = id, .fence = fence, .what = std::move(what)});
  settle();
}

void Harness::succeed(JobId id, const json& result) { report(id, jobs::Finished{.outcome = pack(result)}); }

void Harness::fail_with(JobId id, ErrorCode code, std::string message) {
  report(id, jobs::Finished{.outcome = fail(code, std::move(message))});
}

void Harness::run(JobId id, const json& result) {
  begin(id);
  succeed(id, result);
}

// ---- outputs

void Harness::commit() {
  committed = appended;
  core().on_commit({.outcome = jobs::CommitOutcome::kCommitted, .position = committed});
  settle();
}

void Harness::restart() {
  works.clear();
  questions.clear();
  replies.clear();
  events.clear();
  ++options_.epoch;
  core_slot.emplace(options_, registry, random);
  Bytes kept;
  ASSERT_TRUE(jobs::each_record(records, [&](const jobs::Record& record) -> Status {
    if (record.head.lsn > committed) return {};
    kept += record.whole;
    return core().restore(now(), record);
  }));
  records = std::move(kept);
  appended = committed;
  core().resume(now(), committed);
  core().on_subscription(now(), Bytes(1, '\x01'));
  hello();
}

void Harness::take(Effects& effects) {
  effects.replies.each([&](const Peer& peer, BytesView frame) {
    const auto message = wire::decode(frame);
    ASSERT_TRUE(message) << to_string(message.error());
    ASSERT_TRUE(message->body.empty() || check_pack(message->body)) << "a reply's body is one checked value";
    replies.push_back({peer, message->header, to_json(PackView(message->body))});
  });
  effects.events.each([&](const Everyone&, BytesView frame) {
    const auto event = iopub::decode_event(frame);
    ASSERT_TRUE(event) << to_string(event.error());
    ASSERT_TRUE(check_pack(event->body));
    events.push_back({std::string(event->topic), event->header, to_json(PackView(event->body))});
  });
  for (jobs::Work& work : effects.starts) works[work.id] = std::move(work);
  stops.insert(stops.end(), effects.stops.begin(), effects.stops.end());
  for (jobs::Report& report : effects.keeps) keeps.push_back(std::move(report));
  logs.insert(logs.end(), effects.logs.begin(), effects.logs.end());
  for (tools::HostAnswer& answer : effects.answers) answers.push_back(std::move(answer));
  questions.insert(questions.end(), effects.questions.begin(), effects.questions.end());
}

void Harness::answer_questions() {
  for (const InstantsQuestion& question : std::exchange(questions, {}))
    core().on_instants(now(), testing::fake_answer(question));
  settle();
}

void Harness::settle() {
  for (;;) {
    Outputs out;
    core().flush(now(), out);
    if (out.empty()) return;
    if (!out.records.empty()) {
      records += out.records.bytes();
      appended = out.last;
      if (commits_ == Commits::kAtOnce) {
        committed = appended;
        core().on_commit({.outcome = jobs::CommitOutcome::kCommitted, .position = committed});
      }
    }
    take(out.effects);
    if (answers_questions && !questions.empty()) answer_questions();
  }
}

std::vector<Published> Harness::events_of(std::string_view topic) const {
  std::vector<Published> found;
  for (const Published& event : events) {
    if (event.topic == topic) found.push_back(event);
  }
  return found;
}

std::vector<std::string> Harness::kinds_of(std::string_view topic) const {
  std::vector<std::string> kinds;
  for (const Published& event : events_of(topic)) {
    std::string kind{name_of(event.header.kind)};
    if (event.header.kind == iopub::EventKind::kState) kind = event.body.at("state").get<std::string>();
    kinds.push_back(std::move(kind));
  }
  return kinds;
}

}  // namespace yard::broker
