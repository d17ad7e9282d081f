#include "clients/core/worker_attempt.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace yard::client {
namespace {

using wire::Verb;

constexpr std::uint64_t kSession = 9;

Bytes map_with(std::string_view key, BytesView value) {
  Bytes bytes;
  PackWriter writer(bytes);
  PackMap(writer).binary(key, value);
  return bytes;
}

struct Sent {
  std::uint64_t number;
  Verb verb;
  std::string error;  // a FAIL's

  bool operator==(const Sent&) const = default;
};

// An attempt, with the test in the link's place.
class Played {
 public:
  explicit Played(std::size_t bytes_max = 8u << 20)
      : attempt_(
            std::make_shared<WorkerAttempt>(WorkerAttempt::Options{.fence = 3, .tool = "tool", .bytes_max = bytes_max},
                                            [](const std::shared_ptr<WorkerAttempt>&) {})) {}

  WorkerAttempt* operator->() { return attempt_.get(); }

  std::vector<Sent> send() {
    std::vector<Sent> sent;
    attempt_->send_reports(kSession, [&](const Bytes& frame) {
      const auto message = wire::decode(frame);
      EXPECT_TRUE(message && message->header.fence == 3 && message->header.session == kSession);
      EXPECT_TRUE(message->body.empty() || check_pack(message->body));
      const PackView error = PackView(message->body).find("name");
      sent.push_back({.number = message->header.correlation,
                      .verb = message->header.verb,
                      .error = std::string(error.string_or(""))});
      return true;
    });
    return sent;
  }

  // Runs `handler` on this thread, without an acknowledgement.
  std::vector<Sent> run(const WorkerHandler& handler) {
    attempt_->run(handler);
    return send();
  }

 private:
  std::shared_ptr<WorkerAttempt> attempt_;  // of the test, and of the thread that runs its handler
};

TEST(WorkerAttempt, NumbersItsReports) {
  const auto sent = Played().run([](PackView, WorkerContext& context) -> Result<Bytes> {
    context.progress(50, "half");
    context.log("info", "text");
    context.chunk("data");
    return map_with("a", "");
  });
  EXPECT_EQ(sent, (std::vector<Sent>{{1, Verb::kStart, ""},
                                     {2, Verb::kProgress, ""},
                                     {3, Verb::kLog, ""},
                                     {4, Verb::kChunk, ""},
                                     {5, Verb::kSucceed, ""}}));
}

TEST(WorkerAttempt, FailsWithAResultThatNoFrameHolds) {
  const auto ends_with = [](Bytes result) {
    return Played().run([&](PackView, WorkerContext&) -> Result<Bytes> { return std::move(result); }).back();
  };
  const std::size_t fits =
      wire::kFrameBytesMax - wire::kHeaderBytes - map_with("data", Bytes(1u << 20, 'x')).size() + (1u << 20);
  EXPECT_EQ(ends_with(map_with("data", Bytes(fits, 'x'))), (Sent{2, Verb::kSucceed, ""}));
  EXPECT_EQ(ends_with(map_with("data", Bytes(fits + 1, 'x'))), (Sent{2, Verb::kFail, "too_large"}));

  Bytes crowded;
  PackWriter writer(crowded);
  {
    PackMap map(writer);
    PackArray array = map.array("all");
    for (std::size_t i = 0; i < PackLimits().nodes_max; ++i) array.integer(0);
  }
  EXPECT_EQ(ends_with(crowded), (Sent{2, Verb::kFail, "too_large"}));
  EXPECT_EQ(ends_with("\xc1"), (Sent{2, Verb::kFail, "tool_failed"}));
}

TEST(WorkerAttempt, FailsInThePlaceOfAReportThatIsMalformed) {
  Played attempt;
  const auto sent = attempt.run([](PackView, WorkerContext& context) -> Result<Bytes> {
    context.progress(std::numeric_limits<double>::quiet_NaN());
    context.chunk("after it");
    return map_with("a", "");
  });
  EXPECT_EQ(sent, (std::vector<Sent>{{1, Verb::kStart, ""}, {2, Verb::kFail, "tool_failed"}}));
  attempt->acknowledge(2);
  EXPECT_TRUE(attempt->is_over());
}

TEST(WorkerAttempt, StopsTheHandlerWhoseReportBecameTheEnd) {
  Played attempt;
  (void)attempt.run([&](PackView, WorkerContext& context) -> Result<Bytes> {
    context.log("info", "\xff");
    EXPECT_FALSE(context.stop().stop_requested());
    (void)attempt.send();
    attempt->acknowledge(2);
    EXPECT_TRUE(context.stop().stop_requested());
    return map_with("a", "");
  });
  EXPECT_TRUE(attempt->is_over());
}

TEST(WorkerAttempt, KeepsTheNameOfAnErrorWhoseTextIsNotUtf8) {
  const auto sent = Played().run(
      [](PackView, WorkerContext&) -> Result<Bytes> { return fail(ErrorCode::kNotFound, "no file \xff"); });
  EXPECT_EQ(sent.back(), (Sent{2, Verb::kFail, "not_found"}));
}

TEST(WorkerAttempt, FailsInThePlaceOfAReportThatTheBrokerRefuses) {
  Played attempt;
  (void)attempt.run([](PackView, WorkerContext& context) -> Result<Bytes> {
    context.chunk("one");
    context.chunk("two");
    return map_with("a", "");
  });
  attempt->acknowledge(1);
  const Error error{.code = ErrorCode::kBadRequest, .message = "no"};
  attempt->refuse(1, error);  // written meanwhile
  attempt->refuse(5, error);  // never said
  EXPECT_TRUE(attempt.send().empty());
  attempt->refuse(2, error);
  EXPECT_EQ(attempt.send(), (std::vector<Sent>{{2, Verb::kFail, "tool_failed"}}));
  attempt->refuse(2, error);  // what was sent before, and came twice
  EXPECT_TRUE(attempt.send().empty());
  attempt->acknowledge(2);
  EXPECT_TRUE(attempt->is_over());
}

// ---- a handler that has to wait

// Runs `handler` on a thread of its own, with room for START and one chunk.
class Running {
 public:
  explicit Running(const WorkerHandler& handler) : thread_([this, handler] { attempt->run(handler); }) {
    until_waiting();
  }

  void until_waiting() {
    while (attempt->is_busy()) {
    }
  }
  void join() { thread_.join(); }

  Played attempt{2 * wire::kHeaderBytes + kChunk.size() + map_with("data", "").size()};

  static constexpr std::string_view kChunk = "data";

 private:
  std::jthread thread_;
};

Result<Bytes> say_three(PackView, WorkerContext& context) {
  for (int i = 0; i < 3; ++i) context.chunk(Running::kChunk);
  return map_with("a", "");
}

TEST(WorkerAttemptConcurrent, WaitsForRoomUntilAnAcknowledgement) {
  Running running(say_three);
  EXPECT_EQ(running.attempt.send(), (std::vector<Sent>{{1, Verb::kStart, ""}, {2, Verb::kChunk, ""}}));
  running.attempt->acknowledge(1);
  running.until_waiting();
  EXPECT_TRUE(running.attempt.send().empty()) << "a chunk takes more than START";
  running.attempt->acknowledge(2);
  running.until_waiting();
  EXPECT_EQ(running.attempt.send(), (std::vector<Sent>{{3, Verb::kChunk, ""}}));
  running.attempt->acknowledge(3);
  running.until_waiting();
  running.attempt->acknowledge(4);
  running.join();
  EXPECT_EQ(running.attempt.send(), (std::vector<Sent>{{5, Verb::kSucceed, ""}}));
}

TEST(WorkerAttemptConcurrent, SendsAgainWhatIsNotAcknowledged) {
  Running running(say_three);
  EXPECT_EQ(running.attempt.send().size(), 2u);
  EXPECT_TRUE(running.attempt->is_waiting());
  running.attempt->acknowledge(1);
  running.attempt->rewind();
  EXPECT_EQ(running.attempt.send(), (std::vector<Sent>{{2, Verb::kChunk, ""}}));
  running.attempt->revoke();
  running.join();
}

TEST(WorkerAttemptConcurrent, IsWokenByARevoke) {
  Running running(say_three);
  running.attempt->revoke();
  running.join();
  EXPECT_TRUE(running.attempt.send().empty());
  EXPECT_TRUE(running.attempt->is_over());
}

}  // namespace
}  // namespace yard::client
