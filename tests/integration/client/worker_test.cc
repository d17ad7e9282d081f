// The C++ worker against a running broker.
#include "clients/core/worker.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <semaphore>
#include <thread>

#include "clients/core/client.h"
#include "engine/base/pack_json.h"
#include "tests/support/broker_fixture.h"

namespace yard::client {
namespace {

using nlohmann::json;
using testing::BrokerFixture;
using wire::Verb;

// A worker on a thread of its own, beside a client.
class Party {
 public:
  explicit Party(std::size_t concurrency = 2)
      : worker_({.workers = broker_.endpoints().workers, .name = "party", .concurrency = concurrency}),
        client_(*Client::connect({.requests = broker_.endpoints().requests, .name = "test"})) {}

  void offer(WorkerTool tool, WorkerHandler handler) {
    tool.description = "for tests";
    worker_.offer(std::move(tool), std::move(handler));
  }

  // Returns once the worker is there, with `tool`.
  void run(std::string_view tool) {
    thread_ = std::jthread([this](const std::stop_token& stop) { served_ = worker_.run(stop); });
    while (!client_->tools(tool).get()) {
    }
    while (worker().empty()) {
    }
  }
  // Returns once the broker knows.
  Status leave() {
    thread_.request_stop();
    thread_.join();
    while (!worker().empty()) {
    }
    return served_;
  }

  [[nodiscard]] Client& client() { return *client_; }

  // The worker as STATS shows it; empty while it isn't there.
  json worker() {
    const auto stats = client_->stats().get();
    EXPECT_TRUE(stats);
    const json workers = to_json(stats->view())["workers"];
    return workers.empty() ? json::object() : workers[0];
  }
  json call(std::string_view tool, const json& arguments = json::object()) {
    const auto reply = client_->call_wait(tool, pack(arguments));
    return reply ? to_json(reply->view()) : json{{"refused", to_string(reply.error())}};
  }
  JobId submit(std::string_view tool) {
    const auto reply = client_->submit(tool, pack(json::object())).get();
    EXPECT_TRUE(reply) << to_string(reply.error());
    return JobId(reply->id);
  }
  json wait(JobId id) {
    const auto reply = client_->wait(std::array{id}, true, std::chrono::seconds(20)).get();
    EXPECT_TRUE(reply);
    return to_json(reply->view())["ended"][0];
  }

 private:
  BrokerFixture broker_;
  Worker worker_;
  std::unique_ptr<Client> client_;
  Status served_;
  std::jthread thread_;
};

TEST(WorkerConcurrent, RunsWhatItOffers) {
  Party party;
  party.offer({.name = "twice"}, [](PackView arguments, WorkerContext& context) -> Result<Bytes> {
    EXPECT_EQ(context.attempt(), 1u);
    return pack(json{{"n", 2 * arguments.find("n").integer_or(0)}});
  });
  party.offer({.name = "fails"}, [](PackView, WorkerContext&) -> Result<Bytes> {
    return fail(ErrorCode::kNotFound, "nothing of that name");
  });
  party.offer({.name = "throws"}, [](PackView, WorkerContext&) -> Result<Bytes> { throw std::runtime_error("a bug"); });
  party.offer({.name = "throws_odd"}, [](PackView, WorkerContext&) -> Result<Bytes> { throw 7; });
  party.run("twice");
  for (int n = 0; n < 200; ++n) EXPECT_EQ(party.call("twice", {{"n", n}})["result"]["n"], 2 * n);
  EXPECT_EQ(party.call("fails")["error"]["message"], "nothing of that name");
  EXPECT_EQ(party.call("throws")["error"]["name"], "tool_failed");
  EXPECT_EQ(party.call("throws_odd")["error"]["name"], "tool_failed");
  EXPECT_TRUE(party.leave());
  EXPECT_NE(party.call("twice").value("refused", "").find("no_worker"), std::string::npos);
}

TEST(WorkerConcurrent, StreamsMoreThanItMayKeep) {
  constexpr int kChunks = 64;
  constexpr std::size_t kBytes = 256u << 10;  // four times the bound, together
  Party party;
  party.offer({.name = "flood", .streams = true}, [](PackView, WorkerContext& context) -> Result<Bytes> {
    for (int i = 0; i < kChunks; ++i) context.chunk(Bytes(kBytes, 'c'));
    return pack(json::object());
  });
  party.run("flood");
  const JobId id = party.submit("flood");
  const json job = party.wait(id);
  EXPECT_EQ(job["state"], "succeeded");
  EXPECT_EQ(job["stream"]["seq"], kChunks + 3) << "queued, running, the chunks and the end";
}

TEST(WorkerConcurrent, FailsWithAResultThatNoReportHolds) {
  Party party;
  party.offer({.name = "huge"}, [](PackView, WorkerContext&) -> Result<Bytes> {
    return pack(json{{"text", std::string(wire::kFrameBytesMax, 'x')}});
  });
  party.run("huge");
  const json job = party.call("huge");
  EXPECT_EQ(job["error"]["name"], "too_large") << job;
}

TEST(WorkerConcurrent, TellsItsHandlerToStop) {
  Party party;
  std::binary_semaphore begun{0};
  party.offer({.name = "far_hold"}, [&](PackView, WorkerContext& context) -> Result<Bytes> {
    std::binary_semaphore stopped{0};
    const std::stop_callback on_stop(context.stop(), [&] { stopped.release(); });
    begun.release();
    stopped.acquire();
    return fail(ErrorCode::kCancelled, "stopped");
  });
  party.run("far_hold");
  const JobId id = party.submit("far_hold");
  begun.acquire();
  EXPECT_TRUE(party.client().cancel(id, "enough").get());
  EXPECT_EQ(party.wait(id)["error"]["message"], "cancelled: enough");
}

TEST(WorkerConcurrent, FinishesWhatItRunsBeforeItLeaves) {
  Party party(1);
  std::binary_semaphore begun{0};
  std::binary_semaphore go_on{0};
  party.offer({.name = "slow"}, [&](PackView, WorkerContext&) -> Result<Bytes> {
    begun.release();
    go_on.acquire();
    return pack(json::object());
  });
  party.run("slow");
  const JobId runs = party.submit("slow");
  const JobId waits = party.submit("slow");
  begun.acquire();
  std::jthread leaving([&] { EXPECT_TRUE(party.leave()); });
  while (party.worker().value("concurrency", 1) != 0) {
  }
  go_on.release();
  EXPECT_EQ(party.wait(runs)["state"], "succeeded");
  leaving.join();
  EXPECT_EQ(to_json(party.client().status(waits).get()->view())["state"], "queued");
}

TEST(WorkerConcurrent, ServesAgainAfterItLeft) {
  Party party;
  party.offer({.name = "twice"}, [](PackView, WorkerContext&) -> Result<Bytes> { return pack(json::object()); });
  party.run("twice");
  EXPECT_EQ(party.call("twice")["state"], "succeeded");
  EXPECT_TRUE(party.leave());
  party.run("twice");
  EXPECT_EQ(party.wait(party.submit("twice"))["state"], "succeeded");
  EXPECT_TRUE(party.leave());
}

TEST(WorkerConcurrent, DeclaresAllThatAToolMaySay) {
  Party party;
  party.offer({.name = "full",
               .version = 2,
               .title = "Full",
               .timeout_class = "long",
               .grade = "buffered",
               .wait = Millis(1),
               .timeout = Millis(2),
               .result_ttl = Millis(3),
               .concurrency_max = 4,
               .streams = true,
               .read_only = true,
               .idempotent = true,
               .deterministic = true,
               .destructive = false,
               .open_world = true},
              [](PackView, WorkerContext&) -> Result<Bytes> { return pack(json::object()); });
  party.run("full");
  const json tool = to_json(party.client().tools("full").get()->view())["tools"][0];
  json expected = tool;
  expected.update(json{{"version", 2},
                       {"title", "Full"},
                       {"timeout_class", "long"},
                       {"grade", "buffered"},
                       {"wait_ms", 1},
                       {"timeout_ms", 2},
                       {"result_ttl_ms", 3},
                       {"concurrency_max", 4},
                       {"streams", true},
                       {"read_only", true},
                       {"idempotent", true},
                       {"deterministic", true},
                       {"destructive", false},
                       {"open_world", true}});
  EXPECT_EQ(tool, expected);
}

TEST(WorkerConcurrent, SaysWhatIsRefused) {
  BrokerFixture broker;
  Worker worker({.workers = broker.endpoints().workers});
  worker.offer({.name = "echo", .description = "the broker's own"},
               [](PackView, WorkerContext&) -> Result<Bytes> { return Bytes(); });
  const Status served = worker.run({});
  ASSERT_FALSE(served);
  EXPECT_EQ(served.error().code, ErrorCode::kConflict);
}

}  // namespace
}  // namespace yard::client
