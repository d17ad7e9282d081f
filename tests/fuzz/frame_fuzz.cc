// A peer may send anything: the core neither crashes nor says what can't be read, and says little.
//
// Input: frames, each behind its length in two bytes. The first byte of a frame picks how it gets there:
// 0x00 raw, 0x40 with a good header (verb, tool and flags from the next bytes, the live session), 0x80 as
// a subscription, 0xc0 as a report, with time passing in between.
#include <map>
#include <optional>
#include <vector>

#include "broker/core/core.h"
#include "engine/base/check.h"
#include "iopub/event.h"
#include "tests/fuzz/fuzz.h"

namespace yard::broker {
namespace {

using tools::ToolKind;

constexpr std::size_t kOutputsMax = 100'000;  // bytes that one frame may draw

tools::ToolSpec spec_of(std::string name, ToolKind kind, tools::Handler handler) {
  tools::ToolSpec spec;
  spec.name = std::move(name);
  spec.description = "for the fuzzer";
  spec.arguments =
      R"({"type": "object", "properties": {"text": {"type": "string", "maxLength": 64}, "n": {"type": "integer"}}})";
  spec.result = R"({"type": "object"})";
  spec.kind = kind;
  spec.handler = std::move(handler);
  return spec;
}

const tools::Registry& registry() {
  static const tools::Registry* filled = [] {
    auto made = std::make_unique<tools::Registry>();
    const auto add = [&](tools::ToolSpec spec) { YARD_CHECK(made->add(std::move(spec)).has_value()); };
    add(spec_of("echo", ToolKind::kImmediate,
                tools::ImmediateHandler([](PackView arguments, tools::InlineContext& context, PackWriter& result) {
                  context.set_value("seen", arguments.bytes());
                  PackMap(result).raw("arguments", arguments.bytes());
                  return Status{};
                })));
    add(spec_of("note", ToolKind::kAck, tools::AckHandler{.act = [](PackView arguments, tools::InlineContext&) {
                  return arguments.find("n") ? Status(fail(ErrorCode::kToolFailed, "noted")) : Status{};
                }}));
    add(spec_of("job", ToolKind::kJob, tools::JobHandler([](auto&&...) { return Status{}; })));
    add(spec_of("poll", ToolKind::kImmediate, tools::VerbAlias::kWait));
    return made.release();
  }();
  return *filled;
}

using enum wire::Verb;
constexpr wire::Verb kVerbs[] = {kHello,       kCall,       kCast,      kStatus,   kList,  kWait,  kCancel,
                                 kWhy,         kReplay,     kTools,     kPing,     kBye,   kStats, kDrain,
                                 kSubmitBatch, kDeadReplay, kDeadPurge, kRegister, kRenew, kStart, kProgress,
                                 kChunk,       kLog,        kSucceed,   kFail};

constexpr const char* kToolNames[] = {"echo", "note", "job", "poll", "jab", "", "far"};

class Conversation {
 public:
  Conversation() {
    core_.on_subscription(now_, Bytes(1, '\x01'));
    send(wire::encode({.verb = wire::Verb::kHello, .correlation = 1}, "", ""));
    YARD_CHECK(session_ != 0);
    be_a_worker();
  }

  void take(BytesView input) {
    if (input.empty()) return;
    const auto what = static_cast<unsigned char>(input[0]);
    const BytesView rest = input.substr(1);
    switch (what >> 6) {
      case 0: return send(rest);
      case 1: return send_with_header(rest);
      case 2: return subscribe(rest);
      default: return report(what & 63u, rest);
    }
  }

  // Everything still ends, and says so.
  void end() {
    core_.drain(now_);
    settle();
    pass(std::chrono::seconds(20));
    YARD_CHECK(core_.drained(now_));
  }

 private:
  void send(BytesView frame) {
    constexpr Lane kLanes[] = {Lane::kControl, Lane::kWorkers};
    const std::size_t lane = frame.size() % 5;
    core_.on_frame(now_, lane < std::size(kLanes) ? kLanes[lane] : Lane::kRequests, "peer", frame);
    settle();
  }

  void be_a_worker() {
    Bytes body;
    PackWriter writer(body);
    {
      PackMap map(writer);
      map.string("worker", "00112233445566778899aabbccddeeff").natural("concurrency", 4);
      {
        PackArray tools = map.array("tools");
        tools.map().string("name", "far").string("description", "for the fuzzer");
      }
      PackArray attempts = map.array("attempts");
    }
    const Bytes frame = wire::encode({.verb = wire::Verb::kRegister, .session = session_}, "", body);
    core_.on_frame(now_, Lane::kWorkers, "peer", frame);
    settle();
  }

  // Of the worker, and mostly about the attempt that it was given last.
  void send_as_worker(wire::Header header, std::uint8_t choice, BytesView body) {
    header.correlation = choice % 4u;
    if (choice % 8 != 0) {
      header.id = assigned_.id;
      header.fence = assigned_.fence;
    }
    core_.on_frame(now_, Lane::kWorkers, "peer", wire::encode(header, "", body));
    settle();
  }

  void send_with_header(BytesView rest) {
    const auto byte = [&](std::size_t at) -> std::uint8_t {
      return at < rest.size() ? static_cast<std::uint8_t>(rest[at]) : std::uint8_t{0};
    };
    Uuid id;
    id.octets[0] = byte(2);  // few ids, so that they meet
    const wire::Header header{.verb = kVerbs[byte(0) % std::size(kVerbs)],
                              .flags = static_cast<std::uint8_t>(byte(1) % 4 == 0 ? wire::kHasOptions : 0),
                              .priority = static_cast<std::uint8_t>(byte(1) % 4),
                              .correlation = 7,
                              .id = id,
                              .session = session_,
                              .budget_ms = byte(3) * 16u,
                              .group = byte(4),
                              .sent_ns = byte(5) == 0 ? 0 : to_ns(now_.steady) + byte(5) * 1'000'000u,
                              .fence = byte(6)};
    if (header.verb == wire::Verb::kDrain && byte(7) != 0) return;  // or most sessions would be short
    const BytesView body = rest.substr(std::min<std::size_t>(8, rest.size()));
    if (wire::is_of_workers(header.verb)) return send_as_worker(header, byte(5), body);
    send(wire::encode(header, kToolNames[byte(7) % std::size(kToolNames)], body));
  }

  void subscribe(BytesView message) {
    core_.on_subscription(now_, message);
    settle();
  }

  void report(unsigned what, BytesView rest) {
    pass(Millis(what * rest.size()));
    if (works_.empty()) return;
    const auto work = works_.begin();
    const JobId id = work->first;
    jobs::Report report{.id = id, .fence = work->second, .what = jobs::Started{}};
    switch (what % 6) {
      case 0: break;
      case 1: report.what = jobs::Progressed{static_cast<double>(what), "on it"}; break;
      case 2: report.what = jobs::Chunked{Bytes(rest)}; break;
      case 3: report.fence += what; break;  // of another attempt
      case 4: report.what = jobs::Finished{.outcome = fail(ErrorCode::kToolFailed, "no")}; break;
      default: report.what = jobs::Finished{.outcome = Bytes(1, '\x80')};
    }
    if (std::holds_alternative<jobs::Finished>(report.what)) works_.erase(work);
    core_.on_report(now_, std::move(report));
    settle();
  }

  void pass(Nanos time) {
    now_.steady += time;
    now_.wall += time;
    core_.on_tick(now_);
    settle();
  }

  void settle() {
    std::size_t said = 0;
    for (;;) {
      Outputs out;
      core_.flush(now_, out);
      if (out.empty()) break;
      if (!out.records.empty()) {
        YARD_CHECK(jobs::each_record(out.records.bytes(), [](const jobs::Record&) { return Status(); }).has_value());
        core_.on_commit({.outcome = jobs::CommitOutcome::kCommitted, .position = out.last});
      }
      out.effects.replies.each([&](const Peer&, BytesView frame) {
        const auto message = wire::decode(frame);
        YARD_CHECK(message && message->header.verb >= wire::Verb::kWelcome);
        YARD_CHECK(message->body.empty() || check_pack(message->body).has_value());
        if (message->header.verb == wire::Verb::kAssign) assigned_ = message->header;
        if (message->header.verb == wire::Verb::kWelcome) session_ = message->header.session;
        said += frame.size();
      });
      out.effects.events.each([&](const Everyone&, BytesView frame) {
        const auto event = iopub::decode_event(frame);
        YARD_CHECK(event && check_pack(event->body));
        said += frame.size();
      });
      for (const jobs::Work& work : out.effects.starts) works_[work.id] = work.fence;
      for (const JobId id : out.effects.stops) YARD_CHECK(core_.jobs().find(id) != nullptr);
    }
    YARD_CHECK(said <= kOutputsMax);
  }

  Now now_{.steady = SteadyTime(std::chrono::hours(1)), .wall = WallTime(std::chrono::seconds(1'000'000'000))};
  SeededRandom random_{1};
  Core core_{CoreOptions{.limits = {.sessions_max = 16, .jobs_live_max = 32, .ended_count_max = 8}}, registry(),
             random_};
  std::uint64_t session_ = 0;
  wire::Header assigned_;  // the last ASSIGN
  std::map<JobId, std::uint64_t> works_;
};

}  // namespace
}  // namespace yard::broker

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace yard;
  BytesView input(reinterpret_cast<const char*>(data), size);
  (void)wire::decode(input);
  (void)wire::correlation_of(input);
  broker::Conversation conversation;
  while (input.size() >= 2) {
    const std::size_t length = static_cast<unsigned char>(input[0]) + 256u * static_cast<unsigned char>(input[1]);
    input.remove_prefix(2);
    conversation.take(input.substr(0, length));
    input.remove_prefix(std::min(length, input.size()));
  }
  conversation.end();
  return 0;
}
