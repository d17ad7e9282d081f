// The C++ client against a running broker.
#include "clients/core/client.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "engine/base/pack_json.h"
#include "tests/support/broker_fixture.h"

namespace yard::client {
namespace {

using testing::BrokerFixture;
using wire::Verb;

constexpr Millis kLong = std::chrono::seconds(20);
const Bytes kNothing(1, static_cast<char>(0x80));

Bytes arguments(std::initializer_list<std::pair<std::string_view, std::int64_t>> pairs) {
  Bytes bytes;
  PackWriter writer(bytes);
  PackMap map(writer);
  for (const auto& [key, value] : pairs) map.integer(key, value);
  return bytes;
}

Bytes text(std::string_view value) {
  Bytes bytes;
  PackWriter writer(bytes);
  PackMap(writer).string("text", value);
  return bytes;
}

std::unique_ptr<Client> connect(const BrokerFixture& broker, Millis reply_timeout = std::chrono::seconds(2)) {
  auto client =
      Client::connect({.requests = broker.endpoints().requests, .name = "test", .reply_timeout = reply_timeout});
  EXPECT_TRUE(client.has_value());
  return client ? *std::move(client) : nullptr;
}

JobId job_of(const Reply& reply) {
  return JobId(parse_uuid(reply.view().find("job_id").string_or("")).value_or(Uuid{}));
}

// Collects events on the client's thread; the test waits for one that it expects.
class Listener {
 public:
  OnEvent on_event() {
    return [this](const iopub::Event& event) {
      const std::lock_guard lock(mutex_);
      seqs_.push_back(event.header.seq);
      kinds_.push_back(event.header.kind);
      changed_.notify_all();
    };
  }
  bool wait_for(iopub::EventKind kind) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kLong, [&] { return std::ranges::find(kinds_, kind) != kinds_.end(); });
  }
  bool wait_for_count(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kLong, [&] { return seqs_.size() >= count; });
  }
  std::vector<std::uint64_t> seqs() {
    const std::lock_guard lock(mutex_);
    return seqs_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::uint64_t> seqs_;
  std::vector<iopub::EventKind> kinds_;
};

TEST(ClientConcurrent, ItsFirstControlRequestWaitsForTheConnectionOnly) {
  const BrokerFixture broker;
  const auto client = connect(broker, std::chrono::hours(1));  // what is not sent is not repeated while this test lasts
  EXPECT_TRUE(client->stats().get());
}

TEST(ClientConcurrent, SaysThatNobodyIsThere) {
  const auto client =
      Client::connect({.requests = "ipc:///tmp/switchyard-nobody-here/requests", .connect_timeout = Millis(100)});
  ASSERT_FALSE(client.has_value());
  EXPECT_EQ(client.error().code, ErrorCode::kUnavailable);
}

TEST(ClientConcurrent, CallsAnImmediateTool) {
  BrokerFixture broker;
  const auto client = connect(broker);
  const auto reply = client->call_wait("echo", text("hello"));
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->verb, Verb::kImmediate);
  EXPECT_EQ(reply->view().find("text").string(), "hello");
}

TEST(ClientConcurrent, GivesTheBrokersErrorWithItsPointer) {
  BrokerFixture broker;
  const auto client = connect(broker);
  const auto reply = client->call_wait("echo", arguments({{"text", 1}}));
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().code, ErrorCode::kInvalidArguments);
  EXPECT_EQ(reply.error().pointer, "/text");
}

TEST(ClientConcurrent, RefusesWhatIsTooLargeBeforeItIsSent) {
  BrokerFixture broker;
  const auto client = connect(broker);
  Bytes large;
  PackWriter writer(large);
  PackMap(writer).binary("text", Bytes(wire::kFrameBytesMax, 'x'));
  const auto reply = client->call_wait("echo", large);
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().code, ErrorCode::kTooLarge);
  EXPECT_TRUE(client->call_wait("echo", text("still here")).has_value());
}

TEST(ClientConcurrent, AJobAnswersWithItsResultOrWithItsId) {
  BrokerFixture broker;
  const auto client = connect(broker);
  const auto result = client->call_wait("noop", kNothing, {.budget = kLong});
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->verb, Verb::kResult);
  EXPECT_EQ(result->view().find("state").string(), "succeeded");
  const auto ticket = client->call_wait("hold", kNothing, {.budget = Millis(50)});
  ASSERT_TRUE(ticket.has_value());
  EXPECT_EQ(ticket->verb, Verb::kJob);
  EXPECT_EQ(client->status(job_of(*ticket)).get()->view().find("state").string(), "running");
}

TEST(ClientConcurrent, CancelsAndWaits) {
  BrokerFixture broker;
  const auto client = connect(broker);
  const auto ticket = client->submit("hold", kNothing).get();
  ASSERT_TRUE(ticket.has_value());
  const JobId job = job_of(*ticket);
  auto waited = client->wait(std::array{job}, true, kLong);
  ASSERT_TRUE(client->cancel(job, "no longer wanted").get().has_value());
  const auto reply = waited.get();
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->view().find("reason").string(), "ended");
  EXPECT_EQ(client->status(job).get()->view().find("state").string(), "cancelled");
  EXPECT_TRUE(client->cancel(job).get().has_value()) << "the same request gets the same answer";
}

TEST(ClientConcurrent, ALateSubscriberGetsEveryEventOfAJobInOrder) {
  BrokerFixture broker;
  const auto client = connect(broker);
  const auto done = client->call_wait("stream", arguments({{"count", 2'000}, {"bytes", 100}}), {.budget = kLong});
  ASSERT_TRUE(done.has_value());
  const auto last = static_cast<std::uint64_t>(done->view().find("stream").find("seq").integer_or(0));
  Listener listener;
  ASSERT_TRUE(
      client->subscribe(*done->view().find("stream").find("topic").string(), 1, listener.on_event()).has_value());
  ASSERT_TRUE(listener.wait_for(iopub::EventKind::kComplete));
  const auto seqs = listener.seqs();
  ASSERT_EQ(seqs.size(), last);
  for (std::size_t i = 0; i < seqs.size(); ++i) ASSERT_EQ(seqs[i], i + 1);
}

TEST(ClientConcurrent, SubscribesBeforeTheJobIsThere) {
  BrokerFixture broker;
  const auto client = connect(broker);
  SystemRandom random;
  const Uuid id = make_uuid(random);
  Listener listener;
  ASSERT_TRUE(client->subscribe(iopub::job_topic(id), 1, listener.on_event()).has_value());
  ASSERT_TRUE(
      client->call_wait("stream", arguments({{"count", 50}, {"bytes", 10}}), {.budget = kLong, .id = id}).has_value());
  EXPECT_TRUE(listener.wait_for(iopub::EventKind::kComplete));
}

TEST(ClientConcurrent, JobsRunOnTheLoopWhereThereAreNoThreadsForThem) {
  BrokerFixture broker({.threads = 0});
  const auto client = connect(broker);
  Listener listener;
  const auto done = client->call_wait("stream", arguments({{"count", 20}, {"bytes", 10}}), {.budget = kLong});
  ASSERT_TRUE(done.has_value());
  EXPECT_EQ(done->verb, Verb::kResult);
  ASSERT_TRUE(
      client->subscribe(*done->view().find("stream").find("topic").string(), 1, listener.on_event()).has_value());
  EXPECT_TRUE(listener.wait_for(iopub::EventKind::kComplete));
}

TEST(ClientConcurrent, ManyThreadsShareOneClient) {
  BrokerFixture broker;
  const auto client = connect(broker);
  std::vector<std::jthread> threads;
  std::atomic<int> good = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        const std::string value = std::to_string(t) + "/" + std::to_string(i);
        const auto reply = client->call_wait("echo", text(value));
        if (reply && reply->view().find("text").string() == value) ++good;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(good, 800);
}

TEST(ClientConcurrent, ACastSetsAValueThatASubscriberSees) {
  BrokerFixture broker;
  const auto client = connect(broker);
  Listener listener;
  ASSERT_TRUE(client->subscribe("v.touched", 1, listener.on_event()).has_value());
  ASSERT_TRUE(client->cast("touch", arguments({{"n", 1}}), {.ttl = kLong}).has_value());
  EXPECT_TRUE(listener.wait_for_count(1));
}

TEST(ClientConcurrent, TheSameIdGetsTheSameJobAndAnotherBodyIsAConflict) {
  BrokerFixture broker;
  const auto client = connect(broker);
  SystemRandom random;
  const Uuid id = make_uuid(random);
  ASSERT_TRUE(client->call_wait("stream", arguments({{"count", 1}}), {.budget = kLong, .id = id}).has_value());
  const auto again = client->call_wait("stream", arguments({{"count", 1}}), {.budget = kLong, .id = id});
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->verb, Verb::kResult);
  const auto other = client->call_wait("stream", arguments({{"count", 2}}), {.budget = kLong, .id = id});
  ASSERT_FALSE(other.has_value());
  EXPECT_EQ(other.error().code, ErrorCode::kConflict);
}

TEST(ClientConcurrent, ABrokerThatIsGoneIsUnavailableInBoundedTime) {
  BrokerFixture broker;
  const auto client = connect(broker, Millis(100));
  broker.stop();
  const auto reply = client->call_wait("echo", text("anybody?"), {.budget = Millis(0)});
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().code, ErrorCode::kUnavailable);
}

TEST(ClientConcurrent, GoesOnWithABrokerThatCameBack) {
  BrokerFixture first;
  const broker::Endpoints endpoints = first.endpoints();
  const auto client = connect(first);
  ASSERT_TRUE(client->call_wait("echo", text("one")).has_value());
  first.stop();
  BrokerFixture second({.at = endpoints});
  const auto reply = client->call_wait("echo", text("two"), {.budget = Millis(0)});
  ASSERT_TRUE(reply.has_value()) << to_string(reply.error());
  EXPECT_EQ(reply->view().find("text").string(), "two");
}

}  // namespace
}  // namespace yard::client
