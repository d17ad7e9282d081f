#include "dispatch/dispatcher.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "engine/base/pack_json.h"

namespace yard::dispatch {
namespace {

using nlohmann::json;
using tools::ToolKind;
using tools::ToolSpec;
using wire::Verb;

const Uuid kId = *parse_uuid("00112233445566778899aabbccddeeff");

ToolSpec spec_of(std::string name, ToolKind kind, tools::Handler handler) {
  ToolSpec spec;
  spec.name = std::move(name);
  spec.description = "for tests";
  spec.arguments =
      R"({"type": "object", "properties": {"text": {"type": "string"}, "list": {"type": "array",
          "items": {"type": "object", "properties": {"n": {"type": "integer"}}}}}, "additionalProperties": false})";
  spec.result = R"({"type": "object"})";
  spec.kind = kind;
  spec.read_only = kind != ToolKind::kJob;
  spec.handler = std::move(handler);
  return spec;
}

// Takes orders and remembers what was done.
class Port final : public DispatchPort {
 public:
  Result<jobs::Job*> submit(const jobs::JobOrder& order) override {
    if (refuse) return std::unexpected(*refuse);
    job.emplace(order, names);
    return &*job;
  }
  void set_value(std::string_view key, BytesView packed) override { values[std::string(key)] = Bytes(packed); }

  std::optional<Error> refuse;
  jobs::NameTable names;
  std::optional<jobs::Job> job;
  std::map<std::string, Bytes> values;
};

class DispatcherTest : public testing::Test {
 protected:
  void add(ToolSpec spec) {
    const Status added = registry_.add(std::move(spec));
    ASSERT_TRUE(added) << to_string(added.error());
  }

  void add_immediate(std::string name, tools::ImmediateHandler handler) {
    add(spec_of(std::move(name), ToolKind::kImmediate, std::move(handler)));
  }

  Result<Request> resolve_call(std::string_view tool, const json& arguments, wire::Header header = {}) {
    return resolve_bytes(tool, pack(arguments), header);
  }

  Result<Request> resolve_bytes(std::string_view tool, Bytes body, wire::Header header = {}) {
    header.verb = header.verb == Verb::kPing ? Verb::kCall : header.verb;
    if (!header.id) header.id = kId;
    frame_ = wire::encode(header, tool, body);
    const auto message = wire::decode(frame_);
    EXPECT_TRUE(message);
    return resolve(registry_, *message);
  }

  // What comes of a call, and the body that was written.
  Result<DispatchResult> run(std::string_view tool, const json& arguments = json::object()) {
    auto request = resolve_call(tool, arguments);
    if (!request) return std::unexpected(request.error());
    PackWriter writer(body_);
    return dispatch(*request, "local", {}, port_, writer);
  }

  // What a handler wrote behind "before".
  json written() const {
    const BytesView bytes = BytesView(body_).substr(6);
    EXPECT_TRUE(check_pack(bytes));
    return to_json(PackView(bytes));
  }

  tools::Registry registry_;
  Port port_;
  Bytes frame_;
  Bytes body_ = "before";
};

TEST_F(DispatcherTest, UnknownToolsAreNamedAndTheNearestOneIsOffered) {
  add_immediate("garden_status", [](auto&&...) { return Status{}; });
  const auto near = resolve_call("garden_statsu", json::object());
  ASSERT_FALSE(near);
  EXPECT_EQ(near.error().code, ErrorCode::kUnknownTool);
  EXPECT_EQ(near.error().message, "no tool \"garden_statsu\"; did you mean garden_status?");
  EXPECT_EQ(resolve_call("completely_else", json::object()).error().message, "no tool \"completely_else\"");
  EXPECT_EQ(resolve_call("bad\x01\xff", json::object()).error().message, "no tool \"bad??\"");
}

TEST_F(DispatcherTest, SchemaErrorsPointAtTheCulprit) {
  add_immediate("tool", [](auto&&...) { return Status{}; });
  const auto wrong = resolve_call("tool", {{"list", {{{"n", 1}}, {{"n", "x"}}}}});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, ErrorCode::kInvalidArguments);
  EXPECT_EQ(wrong.error().pointer, "/list/1/n");
  EXPECT_EQ(resolve_call("tool", {{"txet", 1}}).error().code, ErrorCode::kInvalidArguments);
  EXPECT_EQ(resolve_call("tool", json::array()).error().code, ErrorCode::kInvalidArguments);
}

TEST_F(DispatcherTest, TornOrHostileBodiesAreBadRequests) {
  add_immediate("tool", [](auto&&...) { return Status{}; });
  EXPECT_EQ(resolve_bytes("tool", "\x81").error().code, ErrorCode::kBadRequest);
  EXPECT_EQ(resolve_bytes("tool", "\x80\x80").error().code, ErrorCode::kBadRequest);
  EXPECT_EQ(resolve_bytes("tool", Bytes(40, '\x91')).error().code, ErrorCode::kTooLarge);
}

TEST_F(DispatcherTest, AnEmptyBodyIsAnEmptyMap) {
  add_immediate("tool", [](auto&&...) { return Status{}; });
  const auto request = resolve_bytes("tool", "");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->arguments.type(), PackType::kMap);
  EXPECT_EQ(request->arguments.size(), 0u);
}

TEST_F(DispatcherTest, OptionsStandBeforeTheArguments) {
  add(spec_of("job", ToolKind::kJob, tools::JobHandler([](auto&&...) { return Status{}; })));
  const wire::Header flagged{.flags = wire::kHasOptions};
  const Bytes options = pack({{"deadline_ms", 7}});
  const auto request = resolve_bytes("job", options + pack({{"text", "x"}}), flagged);
  ASSERT_TRUE(request) << to_string(request.error());
  EXPECT_EQ(request->options.deadline, Millis(7));
  EXPECT_EQ(request->arguments.find("text").string(), "x");
  const auto alone = resolve_bytes("job", options, flagged);
  ASSERT_TRUE(alone) << "no arguments count as an empty map here too";
  EXPECT_EQ(alone->arguments.size(), 0u);
  EXPECT_EQ(resolve_bytes("job", pack({{"nope", 7}}) + "\x80", flagged).error().code, ErrorCode::kBadRequest);
  EXPECT_EQ(resolve_bytes("job", "\xc1", flagged).error().code, ErrorCode::kBadRequest);
  EXPECT_EQ(resolve_bytes("job", "", flagged).error().code, ErrorCode::kBadRequest) << "cut off";
}

TEST_F(DispatcherTest, JobsAndMutationsNeedAnId) {
  add(spec_of("job", ToolKind::kJob, tools::JobHandler([](auto&&...) { return Status{}; })));
  ToolSpec mutation =
      spec_of("change", ToolKind::kImmediate, tools::ImmediateHandler([](auto&&...) { return Status{}; }));
  mutation.read_only = false;
  add(std::move(mutation));
  add_immediate("look", [](auto&&...) { return Status{}; });
  for (const auto& [tool, needed] : {std::pair{"job", true}, {"change", true}, {"look", false}}) {
    frame_ = wire::encode({.verb = Verb::kCall}, tool, "");
    const auto request = resolve(registry_, *wire::decode(frame_));
    EXPECT_EQ(request.has_value(), !needed) << tool;
    if (!request) {
      EXPECT_EQ(request.error().code, ErrorCode::kBadRequest);
    }
  }
  frame_ = wire::encode({.verb = Verb::kCast}, "change", "");
  EXPECT_TRUE(resolve(registry_, *wire::decode(frame_))) << "a cast has no answer to repeat";
}

TEST_F(DispatcherTest, TheDigestTellsToolsOptionsAndArgumentsApart) {
  const tools::JobHandler handler = [](auto&&...) { return Status{}; };
  add(spec_of("one", ToolKind::kJob, handler));
  add(spec_of("two", ToolKind::kJob, handler));
  const auto digest = [&](const char* tool, const json& arguments, std::optional<json> options = {}) {
    const auto request = options ? resolve_bytes(tool, pack(*options) + pack(arguments), {.flags = wire::kHasOptions})
                                 : resolve_call(tool, arguments);
    EXPECT_TRUE(request);
    return request->digest;
  };
  const std::uint64_t plain = digest("one", {{"text", "x"}});
  EXPECT_EQ(plain, digest("one", {{"text", "x"}}));
  EXPECT_NE(plain, digest("two", {{"text", "x"}}));
  EXPECT_NE(plain, digest("one", {{"text", "y"}}));
  EXPECT_NE(plain, digest("one", {{"text", "x"}}, json{{"deadline_ms", 1}}));
}

TEST_F(DispatcherTest, ImmediateResultsAreWrittenBehindWhatIsThere) {
  add_immediate("tool", [](PackView arguments, tools::InlineContext& context, PackWriter& result) {
    EXPECT_EQ(context.call_id(), kId);
    context.set_value("key", "\x01");
    PackMap(result).string("text", arguments.find("text").string_or(""));
    return Status{};
  });
  const auto result = run("tool", {{"text", "x"}});
  ASSERT_TRUE(result);
  EXPECT_TRUE(std::holds_alternative<Immediate>(*result));
  EXPECT_EQ(written(), json({{"text", "x"}}));
  EXPECT_EQ(port_.values["key"], "\x01");
}

TEST_F(DispatcherTest, AFailingOrThrowingHandlerLeavesTheBodyAsItWas) {
  add_immediate("fails", [](PackView, tools::InlineContext&, PackWriter& result) {
    result.string("half");
    return Status(fail(ErrorCode::kToolFailed, "no"));
  });
  add_immediate("throws", [](PackView, tools::InlineContext&, PackWriter& result) -> Status {
    result.string("half");
    throw std::runtime_error("oops");
  });
  EXPECT_EQ(run("fails").error().code, ErrorCode::kToolFailed);
  EXPECT_EQ(body_, "before");
  EXPECT_EQ(run("throws").error(), (Error{.code = ErrorCode::kInternal, .message = "throws threw: oops"}));
  EXPECT_EQ(body_, "before");
}

TEST_F(DispatcherTest, AResultThatDoesNotFitIntoAFrameIsTooLarge) {
  std::size_t size = 0;
  add_immediate("tool", [&](PackView, tools::InlineContext&, PackWriter& result) {
    result.raw(Bytes(size, '\xc0'));
    return Status{};
  });
  size = wire::kFrameBytesMax - wire::kHeaderBytes;
  EXPECT_TRUE(run("tool"));
  body_ = "before";
  ++size;
  EXPECT_EQ(run("tool").error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(body_, "before");
}

TEST_F(DispatcherTest, AckSaysOkThenActs) {
  add(spec_of("usual", ToolKind::kAck, tools::AckHandler{.act = [&](PackView, tools::InlineContext&) {
                return Status(fail(ErrorCode::kToolFailed, "later"));
              }}));
  const auto result = run("usual");
  ASSERT_TRUE(result);
  const auto* ack = std::get_if<Ack>(&*result);
  ASSERT_NE(ack, nullptr);
  EXPECT_EQ(ack->acted.error().message, "later") << "no longer the caller's business";
  EXPECT_EQ(written(), json({{"ok", true}}));
}

TEST_F(DispatcherTest, AckMayWriteItsOwnBeforeItActs) {
  std::string order;
  add(spec_of("own", ToolKind::kAck,
              tools::AckHandler{.acknowledge =
                                    [&](PackView, tools::InlineContext&, PackWriter& ack) {
                                      order += "acknowledge ";
                                      PackMap(ack).natural("position", 7);
                                    },
                                .act = [&](PackView, tools::InlineContext&) -> Status {
                                  order += "act";
                                  throw std::runtime_error("oops");
                                }}));
  const auto result = run("own");
  ASSERT_TRUE(result);
  EXPECT_EQ(order, "acknowledge act");
  EXPECT_EQ(std::get<Ack>(*result).acted.error().message, "own threw: oops");
  EXPECT_EQ(written(), json({{"position", 7}}));
}

TEST_F(DispatcherTest, AThrowingAcknowledgementDoesNotAct) {
  bool acted = false;
  add(spec_of("own", ToolKind::kAck,
              tools::AckHandler{.acknowledge =
                                    [](PackView, tools::InlineContext&, PackWriter& ack) {
                                      ack.string("half");
                                      throw std::runtime_error("oops");
                                    },
                                .act =
                                    [&](PackView, tools::InlineContext&) {
                                      acted = true;
                                      return Status{};
                                    }}));
  EXPECT_EQ(run("own").error().code, ErrorCode::kInternal);
  EXPECT_FALSE(acted);
  EXPECT_EQ(body_, "before");
}

TEST_F(DispatcherTest, JobsAreOrderedWithAllThatWasAsked) {
  ToolSpec spec = spec_of("job", ToolKind::kJob, tools::JobHandler([](auto&&...) { return Status{}; }));
  spec.version = 3;
  spec.timeout_class = tools::TimeoutClass::kMedium;
  spec.timeout = Millis(5'000);
  spec.concurrency_max = 2;
  add(std::move(spec));
  const auto request = resolve_bytes("job", pack({{"queue_ttl_ms", 7}}) + pack({{"text", "x"}}),
                                     {.flags = wire::kHasOptions, .priority = 1, .budget_ms = 1'500});
  ASSERT_TRUE(request);
  PackWriter writer(body_);
  const auto result = dispatch(*request, "local", {}, port_, writer);
  ASSERT_TRUE(result);
  EXPECT_EQ(std::get<JobTicket>(*result).hold, Millis(1'500));
  EXPECT_EQ(body_, "before");
  const jobs::Job& job = *port_.job;
  EXPECT_EQ(job.id, JobId(kId));
  EXPECT_EQ(job.tool, "job");
  EXPECT_EQ(job.tool_version, 3u);
  EXPECT_EQ(job.principal, "local");
  EXPECT_EQ(job.arguments.view(), pack({{"text", "x"}}));
  EXPECT_EQ(job.priority, 1);
  EXPECT_EQ(job.wait_class, jobs::WaitClass::kMedium);
  EXPECT_EQ(job.concurrency_max, 2u);
  EXPECT_EQ(job.terms().queue_ttl, Millis(7));
  EXPECT_EQ(job.attempt_timeout, Millis(5'000)) << "the tool's, where the caller states none";
}

TEST_F(DispatcherTest, ARefusedOrderIsTheAnswer) {
  add(spec_of("job", ToolKind::kJob, tools::JobHandler([](auto&&...) { return Status{}; })));
  port_.refuse = Error{.code = ErrorCode::kQueueFull, .message = "full", .retry_after_ms = 250};
  EXPECT_EQ(run("job").error(), *port_.refuse);
}

}  // namespace
}  // namespace yard::dispatch
