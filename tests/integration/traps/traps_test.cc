// What libzmq does to those who don't know it: every rule of the trap table, against a running broker.
#include <gtest/gtest.h>
#include <zmq.h>

#include <map>
#include <set>

#include "broker/socket.h"
#include "engine/base/pack.h"
#include "iopub/event.h"
#include "tests/support/broker_fixture.h"

namespace yard::testing {
namespace {

using wire::Verb;

constexpr Millis kLong = std::chrono::seconds(20);
constexpr std::uint32_t kBudgetMs = 20'000;
const Bytes kNothing(1, static_cast<char>(0x80));

Bytes text_arguments(std::string_view text, std::int64_t times = 1) {
  Bytes bytes;
  PackWriter writer(bytes);
  PackMap(writer).string("text", text).integer("times", times);
  return bytes;
}

Bytes stream_arguments(std::int64_t count, std::int64_t bytes_each) {
  Bytes bytes;
  PackWriter writer(bytes);
  PackMap(writer).integer("count", count).integer("bytes", bytes_each);
  return bytes;
}

// One whole round trip through the broker.
::testing::AssertionResult answers(RawSession& session) {
  session.send(session.call_frame("echo", text_arguments("hello"), 0));
  const auto reply = wire::decode(session.receive_within(kLong));
  if (!reply) return ::testing::AssertionFailure() << "no reply";
  if (reply->header.verb != Verb::kImmediate) return ::testing::AssertionFailure() << wire::name_of(reply->header.verb);
  return ::testing::AssertionSuccess();
}

ErrorCode nack_of(BytesView frame) {
  const auto reply = wire::decode(frame);
  if (!reply || reply->header.verb != Verb::kNack) return ErrorCode{0};
  return ErrorCode{static_cast<std::uint16_t>(PackView(reply->body).find("code").integer_or(0))};
}

std::int64_t counter(RawSession& session, std::string_view name) {
  session.send(session.frame(Verb::kStats, "", kNothing, 0));
  const auto reply = wire::decode(session.receive_within(kLong));
  return reply ? PackView(reply->body).find("counters").find(name).integer_or(-1) : -1;
}

class Subscriber {
 public:
  Subscriber(const broker::Endpoints& endpoints, int receive_queue) : socket_(context_, zmq::socket_type::sub) {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::sndhwm, 0);
    socket_.set(zmq::sockopt::rcvhwm, receive_queue);
    socket_.connect(endpoints.iopub);
  }
  void subscribe(std::string_view prefix) { socket_.set(zmq::sockopt::subscribe, prefix); }

  // The next event; the view is valid until the next call.
  std::optional<iopub::Event> next(Millis wait) {
    zmq_pollitem_t item{socket_.handle(), 0, ZMQ_POLLIN, 0};
    if (zmq_poll(&item, 1, wait.count()) <= 0 || !broker::receive(socket_, message_)) return std::nullopt;
    const auto event = iopub::decode_event({static_cast<const char*>(message_.data()), message_.size()});
    EXPECT_TRUE(event.has_value());
    return event ? std::optional(*event) : std::nullopt;
  }

  zmq::socket_t& socket() { return socket_; }

 private:
  zmq::context_t context_{1};
  zmq::socket_t socket_;
  zmq::message_t message_;
};

std::string exact(const Uuid& job) { return iopub::job_topic(job) + '\0'; }

TEST(Traps, EverySocketIsConfiguredAsTheTableDemands) {
  zmq::context_t context{1};
  const zmq::socket_t router = broker::make_socket(context, broker::SocketRole::kRouter);
  const zmq::socket_t publisher = broker::make_socket(context, broker::SocketRole::kPublisher);
  for (const zmq::socket_t* socket : {&router, &publisher}) {
    EXPECT_EQ(socket->get(zmq::sockopt::heartbeat_ivl), 0) << "a heartbeat aborts libzmq when a receive queue is full";
    EXPECT_EQ(socket->get(zmq::sockopt::maxmsgsize), static_cast<std::int64_t>(wire::kSocketBytesMax));
    EXPECT_EQ(socket->get(zmq::sockopt::linger), 1'000);
    EXPECT_LE(socket->get(zmq::sockopt::handshake_ivl), 5'000);
    EXPECT_GT(socket->get(zmq::sockopt::backlog), 100);
    EXPECT_GT(socket->get(zmq::sockopt::sndhwm), 0);
    EXPECT_EQ(socket->get(zmq::sockopt::tcp_keepalive), 1);
  }
}

TEST(Traps, AnUnknownPeerIsAnErrorAndNotASilentDrop) {
  zmq::context_t context{1};
  zmq::socket_t router = broker::make_socket(context, broker::SocketRole::kRouter);
  ASSERT_TRUE(broker::bind_socket(router, "tcp://127.0.0.1:*").has_value());
  EXPECT_EQ(broker::send_to(router, "nobody", "frame"), broker::Sent::kUnreachable);
}

TEST(Traps, APeerThatReadsLateGetsEveryReplyInOrderConcurrent) {
  BrokerFixture broker;
  RawSession slow(broker.endpoints());
  slow.socket().set(zmq::sockopt::rcvhwm, 10);
  constexpr int kCalls = 3'000;
  for (int i = 0; i < kCalls; ++i)
    slow.send(slow.call_frame("echo", text_arguments(std::to_string(i) + std::string(1'000, '.')), 0));
  RawSession other(broker.endpoints());
  EXPECT_TRUE(answers(other)) << "the others are served meanwhile";
  for (int i = 0; i < kCalls; ++i) {
    const auto reply = wire::decode(slow.receive_within(kLong));
    ASSERT_TRUE(reply.has_value()) << "reply " << i << " is missing";
    ASSERT_TRUE(PackView(reply->body).find("text").string_or("").starts_with(std::to_string(i) + "."));
  }
}

TEST(Traps, AFullPeerThatDiesHoldsNobodyUpConcurrent) {
  BrokerFixture broker;
  {
    RawSession doomed(broker.endpoints());
    for (int i = 0; i < 2'000; ++i) doomed.send(doomed.call_frame("echo", text_arguments(std::string(1'000, 'x')), 0));
    EXPECT_TRUE(wire::decode(doomed.receive_within(kLong)).has_value());
  }
  RawSession other(broker.endpoints());
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(answers(other));
}

TEST(Traps, APeerThatNeverReadsCostsABoundedOutboxConcurrent) {
  BrokerFixture broker;
  RawSession deaf(broker.endpoints());
  // 400 replies of 1 MiB: far more than pipes, kernel buffers and the outbox hold together.
  const Bytes megabyte = text_arguments(std::string(16'384, 'x'), 64);
  for (int i = 0; i < 400; ++i) deaf.send(deaf.call_frame("echo", megabyte, 0));
  RawSession other(broker.endpoints());
  ASSERT_TRUE(answers(other));
  int received = 0;
  while (!deaf.receive_within(std::chrono::seconds(1)).empty()) ++received;
  EXPECT_GT(received, 8);
  EXPECT_TRUE(answers(other));
}

TEST(Traps, ADuplicateIdentityNeitherStarvesTheNewcomerNorNamesASessionConcurrent) {
  BrokerFixture broker;
  RawSession first(broker.endpoints(), "same");
  RawSession second(broker.endpoints(), "same");
  EXPECT_TRUE(answers(second));
  const Bytes forged = wire::encode({.verb = Verb::kCall, .session = 12345}, "echo", text_arguments("x"));
  second.send(forged);
  EXPECT_EQ(nack_of(second.receive_within(kLong)), ErrorCode::kNoSession) << "a routing id is nobody's name";
}

TEST(Traps, LossOnIopubShowsInTheSequenceAndReplayFillsItConcurrent) {
  BrokerFixture broker;
  RawSession session(broker.endpoints());
  Subscriber subscriber(broker.endpoints(), 10);
  const Uuid job = session.fresh_id();
  subscriber.subscribe(exact(job));
  constexpr std::int64_t kChunks = 3'000;
  session.send(session.call_frame("stream", stream_arguments(kChunks, 200), kBudgetMs, job));
  const auto ended = wire::decode(session.receive_within(kLong));
  ASSERT_TRUE(ended && ended->header.verb == Verb::kResult);
  const auto last = static_cast<std::uint64_t>(PackView(ended->body).find("stream").find("seq").integer_or(0));
  ASSERT_GE(last, static_cast<std::uint64_t>(kChunks));

  std::set<std::uint64_t> seen;
  while (const auto event = subscriber.next(Millis(300))) {
    if (event->header.seq > 0) seen.insert(event->header.seq);
  }
  for (std::uint64_t next = 1; next <= last;) {
    Bytes body;
    PackWriter writer(body);
    PackMap(writer).string("stream", iopub::job_topic(job)).natural("from", next);
    session.send(session.frame(Verb::kReplay, "", body, 0));
    const Bytes frame(session.receive_within(kLong));
    const auto reply = wire::decode(frame);
    ASSERT_TRUE(reply && reply->header.verb == Verb::kData);
    PackView(reply->body).find("events").each_element([&](PackView event) {
      const auto decoded = iopub::decode_event(event.binary().value_or(""));
      ASSERT_TRUE(decoded.has_value());
      seen.insert(decoded->header.seq);
    });
    const auto after = static_cast<std::uint64_t>(PackView(reply->body).find("next").integer_or(0));
    ASSERT_GT(after, next);
    next = after;
  }
  EXPECT_EQ(seen.size(), last) << "every event, dense from 1";
}

TEST(Traps, AStalledSubscriberDelaysNoOtherConcurrent) {
  BrokerFixture broker;
  RawSession session(broker.endpoints());
  const Uuid job = session.fresh_id();
  Subscriber stalled(broker.endpoints(), 1);
  Subscriber healthy(broker.endpoints(), 0);
  // The job is there, and due only when both have subscribed: the healthy one's welcome tells.
  Bytes options;
  PackWriter writer(options);
  PackMap(writer).integer("delay_ms", 1'500);
  auto head = wire::decode(session.frame(Verb::kCall, "", {}, 0, job))->header;
  head.flags = wire::kHasOptions;
  session.send(wire::encode(head, "stream", options + stream_arguments(5'000, 200)));
  ASSERT_TRUE(wire::decode(session.receive_within(kLong)).has_value());
  stalled.subscribe(exact(job));
  healthy.subscribe(exact(job));
  const auto welcome = healthy.next(kLong);
  ASSERT_TRUE(welcome && welcome->header.kind == iopub::EventKind::kWelcome);
  std::uint64_t events = 0;
  bool complete = false;
  while (const auto event = healthy.next(kLong)) {
    if (event->header.seq > 0) ++events;
    complete = event->header.kind == iopub::EventKind::kComplete;
    if (complete) break;
  }
  EXPECT_TRUE(complete);
  EXPECT_GE(events, 5'000u);
}

TEST(Traps, GarbageUpstreamOnIopubIsIgnoredConcurrent) {
  BrokerFixture broker;
  zmq::context_t context{1};
  zmq::socket_t rogue(context, zmq::socket_type::xsub);
  rogue.set(zmq::sockopt::linger, 0);
  rogue.connect(broker.endpoints().iopub);
  for (const std::string_view part : {std::string_view("\1j.", 3), std::string_view("rubbish"), std::string_view()}) {
    rogue.send(zmq::buffer(part), zmq::send_flags::sndmore);
    rogue.send(zmq::buffer(std::string(5'000, '\1')), zmq::send_flags::none);
    rogue.send(zmq::buffer(part), zmq::send_flags::none);
  }
  RawSession session(broker.endpoints());
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(answers(session));
}

TEST(Traps, ThreeThousandSubscriptionsAllTakeEffectConcurrent) {
  BrokerFixture broker;
  RawSession session(broker.endpoints());
  Subscriber subscriber(broker.endpoints(), 0);
  std::vector<Uuid> jobs;
  for (int i = 0; i < 3'000; ++i) jobs.push_back(session.fresh_id());
  for (const Uuid& job : jobs) subscriber.subscribe(exact(job));
  // libzmq forwards subscriptions in order: when the last one works, all are there.
  session.send(session.call_frame("hold", kNothing, 0, jobs.back()));
  ASSERT_TRUE(wire::decode(session.receive_within(kLong)).has_value());
  while (const auto event = subscriber.next(Millis(500))) {
  }
  std::set<Uuid> heard;
  for (std::size_t i = 0; i < jobs.size(); i += 100) {
    session.send(session.call_frame("noop", kNothing, kBudgetMs, jobs[i]));
  }
  while (heard.size() < 30) {
    const auto event = subscriber.next(kLong);
    ASSERT_TRUE(event.has_value()) << heard.size();
    heard.insert(event->header.job);
  }
}

TEST(Traps, AFrameBeyondTheLimitIsRefusedAndBeyondTheBackstopCostsOnlyItsSenderConcurrent) {
  BrokerFixture broker;
  RawSession other(broker.endpoints());
  RawSession large(broker.endpoints());
  large.send(Bytes(wire::kFrameBytesMax + 1, 'x'));
  EXPECT_EQ(nack_of(large.receive_within(kLong)), ErrorCode::kTooLarge);
  large.send(Bytes(wire::kSocketBytesMax + 1, 'x'));
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(answers(other));
}

TEST(Traps, MsgpackBombsAreRefusedConcurrent) {
  BrokerFixture broker;
  RawSession session(broker.endpoints());
  const std::map<std::string, Bytes> bombs = {
      {"array of 2^31", Bytes("\xdd\x80\x00\x00\x00", 5)},
      {"map of 2^32-1", Bytes("\xdf\xff\xff\xff\xff", 5)},
      {"nested", Bytes(200'000, '\x91')},
      {"many nils", Bytes("\xdd\x00\x01\x86\xa0", 5) + Bytes(100'000, '\xc0')},
      {"string of 4 GiB", Bytes("\xdb\xff\xff\xff\xff", 5)},
      {"extension", Bytes("\xc7\x01\x01\x01", 4)},
  };
  for (const auto& [name, bomb] : bombs) {
    session.send(session.call_frame("echo", bomb, 0));
    const ErrorCode code = nack_of(session.receive_within(kLong));
    EXPECT_TRUE(code == ErrorCode::kBadRequest || code == ErrorCode::kTooLarge) << name;
  }
  EXPECT_TRUE(answers(session));
}

TEST(Traps, RandomFramesAtEverySocketLeaveAGoodClientAloneConcurrent) {
  BrokerFixture broker;
  RawSession good(broker.endpoints());
  zmq::context_t context{1};
  SeededRandom random(20261121);
  std::vector<zmq::socket_t> rogues;
  for (const std::string& endpoint : {broker.endpoints().requests, broker.endpoints().control}) {
    zmq::socket_t& rogue = rogues.emplace_back(context, zmq::socket_type::dealer);
    rogue.set(zmq::sockopt::linger, 0);
    rogue.connect(endpoint);
  }
  for (int i = 0; i < 4'000; ++i) {
    for (zmq::socket_t& rogue : rogues) {
      Bytes frame(random.next() % 200, '\0');
      for (char& c : frame) c = static_cast<char>(random.next());
      if (random.next() % 2 == 0 && frame.size() > 8) frame.replace(0, 4, "JDP1");
      const bool more = random.next() % 8 == 0;
      (void)rogue.send(zmq::buffer(frame), more ? zmq::send_flags::sndmore : zmq::send_flags::dontwait);
      if (more) (void)rogue.send(zmq::buffer(frame), zmq::send_flags::dontwait);
    }
    if (i % 400 == 0) {
      ASSERT_TRUE(answers(good)) << i;
    }
  }
  EXPECT_TRUE(answers(good));
  EXPECT_GT(counter(good, "refused"), 0);
}

TEST(Traps, AThousandSessionsAreServedConcurrent) {
  BrokerFixture broker({.transport = "ipc"});
  zmq::context_t context{1};
  context.set(zmq::ctxopt::max_sockets, 2'000);
  std::vector<zmq::socket_t> peers;
  for (int i = 0; i < 1'000; ++i) {
    zmq::socket_t& peer = peers.emplace_back(context, zmq::socket_type::dealer);
    peer.set(zmq::sockopt::linger, 0);
    peer.connect(broker.endpoints().requests);
    peer.send(zmq::buffer(wire::encode({.verb = Verb::kHello}, "", "")), zmq::send_flags::none);
  }
  std::set<std::uint64_t> sessions;
  for (zmq::socket_t& peer : peers) {
    zmq::message_t reply;
    ASSERT_TRUE(peer.recv(reply).has_value());
    const auto welcome = wire::decode(reply.to_string_view());
    ASSERT_TRUE(welcome && welcome->header.verb == Verb::kWelcome);
    sessions.insert(welcome->header.session);
  }
  EXPECT_EQ(sessions.size(), 1'000u);
}

}  // namespace
}  // namespace yard::testing
