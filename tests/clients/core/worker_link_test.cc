// The C++ worker, with the test in the broker's place.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <semaphore>
#include <thread>
#include <zmq.hpp>

#include "clients/core/worker.h"
#include "dispatch/wire/message.h"
#include "engine/base/check.h"
#include "engine/base/pack_json.h"

namespace yard::client {
namespace {

using wire::Verb;

constexpr std::uint64_t kSession = 7;

// A worker on a thread of its own, and what its broker hears and says.
class Played {
 public:
  explicit Played(WorkerOptions options) : router_(context_, zmq::socket_type::router) {
    router_.set(zmq::sockopt::linger, 0);
    router_.bind("tcp://127.0.0.1:*");
    options.workers = router_.get(zmq::sockopt::last_endpoint);
    worker_.emplace(std::move(options));
  }

  void offer(WorkerHandler handler) {
    worker_->offer({.name = "tool", .resources = {{"gpu:0", 6}}}, std::move(handler));
  }

  // Returns once it is registered; it renews its lease, and repeats its reports, each `renew`.
  void run(Millis renew) {
    thread_ = std::jthread([this](const std::stop_token& stop) { served_ = worker_->run(stop); });
    const wire::Header hello = hear(Verb::kHello);
    say({.verb = Verb::kWelcome, .correlation = hello.correlation, .session = kSession}, "");
    const wire::Header enrolled = hear(Verb::kRegister);
    enrolled_ = to_json(body_);
    say({.verb = Verb::kAck, .correlation = enrolled.correlation},
        pack_map([&](PackMap& map) { map.integer("renew_ms", renew.count()); }));
  }
  Status leave() {
    thread_.request_stop();
    thread_.join();
    return served_;
  }

  // The next message with this verb, of the attempt `fence` if there is one; others are dropped, and fail nothing.
  wire::Header hear(Verb verb, std::uint64_t fence = 0) {
    for (;;) {
      YARD_CHECK(router_.recv(peer_) && router_.recv(frame_));
      const auto message = wire::decode(frame_.to_string_view());
      YARD_CHECK(message.has_value());
      body_ = PackView(message->body);
      if (message->header.verb == Verb::kRenew) say({.verb = Verb::kAck}, "");  // or it takes us for gone
      if (message->header.verb == verb && (fence == 0 || message->header.fence == fence)) return message->header;
      EXPECT_NE(message->header.verb, Verb::kFail);
    }
  }

  // What REGISTER said.
  [[nodiscard]] const nlohmann::json& enrolled() const { return enrolled_; }

  // Of what was heard last.
  [[nodiscard]] PackView body() const { return body_; }

  void say(wire::Header header, BytesView body) {
    const Bytes frame = wire::encode(header, header.verb == Verb::kAssign ? "tool" : "", body);
    YARD_CHECK(router_.send(zmq::message_t(peer_.data(), peer_.size()), zmq::send_flags::sndmore));
    YARD_CHECK(router_.send(zmq::message_t(frame.data(), frame.size()), zmq::send_flags::none));
  }
  void assign(std::uint64_t fence, bool once = false) {
    say({.verb = Verb::kAssign, .fence = fence},
        pack_map([&](PackMap& map) { map.boolean("once", once).raw("arguments", "\x80"); }));
  }
  void acknowledge(std::uint64_t fence, std::uint64_t number) {
    say({.verb = Verb::kAck, .correlation = number, .fence = fence}, "");
  }
  void refuse(std::uint64_t fence, std::uint64_t number) {
    say({.verb = Verb::kNack, .correlation = number, .fence = fence}, pack_map([](PackMap& map) {
          map.natural("code", static_cast<std::uint64_t>(ErrorCode::kBadRequest)).string("message", "no");
        }));
  }

 private:
  zmq::context_t context_{1};
  zmq::socket_t router_;
  zmq::message_t peer_;
  zmq::message_t frame_;
  PackView body_;
  nlohmann::json enrolled_;
  std::optional<Worker> worker_;
  Status served_;
  std::jthread thread_;
};

Result<Bytes> nothing(PackView, WorkerContext&) {
  return pack_map([](PackMap&) {});
}

TEST(WorkerLinkConcurrent, SaysWhatThereIsAndWhatAToolTakesOfIt) {
  Played broker({.resources = {{"gpu:0", 24}}});
  broker.offer(nothing);
  broker.run(Millis(1'000));
  EXPECT_EQ(broker.enrolled()["resources"]["gpu:0"], 24);
  EXPECT_EQ(broker.enrolled()["tools"][0]["resources"]["gpu:0"], 6);
  EXPECT_TRUE(broker.leave());
}

TEST(WorkerLinkConcurrent, FailsTheAttemptWhoseReportIsRefused) {
  Played broker({});
  broker.offer(nothing);
  broker.run(Millis(1'000));
  broker.assign(5);
  EXPECT_EQ(broker.hear(Verb::kStart, 5).correlation, 1u);
  broker.refuse(5, 1);
  EXPECT_EQ(broker.hear(Verb::kFail, 5).correlation, 1u);
  broker.acknowledge(5, 1);
  EXPECT_TRUE(broker.leave());
}

TEST(WorkerLinkConcurrent, FailsOfSeveralTheOneThatIsRefused) {
  Played broker({.concurrency = 2});
  broker.offer(nothing);
  broker.run(Millis(1'000));
  broker.assign(5);
  broker.assign(6);
  (void)broker.hear(Verb::kSucceed, 5);
  (void)broker.hear(Verb::kSucceed, 6);
  broker.refuse(6, 1);
  EXPECT_EQ(broker.hear(Verb::kFail, 6).correlation, 1u);
  broker.acknowledge(6, 1);
  broker.acknowledge(5, 2);
  broker.refuse(5, 1);  // what was sent twice: it is over
  EXPECT_TRUE(broker.leave());
}

// The broker is not heard again after it assigned an attempt.
void leave_alone(bool once, std::size_t attempt_bytes_max) {
  Played broker({.attempt_bytes_max = attempt_bytes_max, .leave_timeout = Millis(50)});
  broker.offer(nothing);
  broker.run(Millis(1'000));
  broker.assign(5, once);
  (void)broker.hear(Verb::kStart, 5);
  const Status left = broker.leave();
  ASSERT_FALSE(left);
  EXPECT_EQ(left.error().code, ErrorCode::kUnavailable);
}

TEST(WorkerLinkConcurrent, LeavesABrokerThatIsGone) {
  leave_alone(/*once=*/false, 4u << 20);
  leave_alone(/*once=*/true, 4u << 20);  // its handler waits for START's acknowledgement
  leave_alone(/*once=*/false, 1);        // and for room
}

TEST(WorkerLinkConcurrent, HoldsNoMoreThanItHasRoomFor) {
  std::counting_semaphore begun{0};
  Played broker({.concurrency = 1});
  broker.offer([&](PackView arguments, WorkerContext& context) {
    std::binary_semaphore stopped{0};
    const std::stop_callback on_stop(context.stop(), [&] { stopped.release(); });
    begun.release();
    stopped.acquire();
    return nothing(arguments, context);
  });
  broker.run(Millis(10));
  broker.assign(5);
  (void)broker.hear(Verb::kStart, 5);
  broker.assign(6);  // waits for its turn
  broker.assign(7);
  for (std::uint64_t fence = 5; fence <= 6; ++fence) {
    begun.acquire();  // told to stop before, it would not begin
    broker.say({.verb = Verb::kStop, .fence = fence}, "");
    (void)broker.hear(Verb::kSucceed, fence);
    (void)broker.hear(Verb::kRenew);
    EXPECT_EQ(broker.body().find("attempts").size(), fence == 5 ? 2u : 1u) << "and nothing of the third";
    broker.acknowledge(fence, 2);
  }
  EXPECT_TRUE(broker.leave());
}

}  // namespace
}  // namespace yard::client
