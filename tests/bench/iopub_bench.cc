// IOPub beside raw PUB/SUB: events delivered to 1, 10 and 100 subscribers.
#include <chrono>
#include <memory>

#include "dispatch/wire/message.h"
#include "engine/base/check.h"
#include "engine/base/pack.h"
#include "iopub/event.h"
#include "tests/bench/road_bench.h"
#include "tests/support/broker_fixture.h"

namespace yard::bench {
namespace {

using testing::BrokerFixture;
using testing::RawSession;

using Clock = std::chrono::steady_clock;

constexpr int kChunkBytes = 64;
constexpr int kQueue = 10'000;  // of the broker's publisher, and of the reference's
constexpr std::int64_t kDeliveries = 400'000;

// Subscribers on one thread and in one context of their own.
class Audience {
 public:
  Audience(std::size_t count, const std::string& endpoint, BytesView topic) {
    for (std::size_t i = 0; i < count; ++i) {
      zmq::socket_t& socket = sockets_.emplace_back(context_, zmq::socket_type::sub);
      socket.set(zmq::sockopt::rcvhwm, kQueue);
      socket.set(zmq::sockopt::linger, 0);
      socket.set(zmq::sockopt::subscribe, topic);
      socket.connect(endpoint);
      items_.push_back({socket.handle(), 0, ZMQ_POLLIN, 0});
    }
  }

  // Takes messages until none has come for `quiet`; calls seen(message).
  template <typename Seen>
  void listen(std::chrono::milliseconds quiet, Seen&& seen) {
    zmq::message_t message;
    while (zmq_poll(items_.data(), static_cast<int>(items_.size()), quiet.count()) > 0) {
      for (std::size_t i = 0; i < items_.size(); ++i) {
        if (items_[i].revents == 0) continue;
        for (int batch = 0; batch < 256 && zmq_msg_recv(message.handle(), sockets_[i].handle(), ZMQ_DONTWAIT) >= 0;
             ++batch)
          seen(message);
      }
    }
  }

  // Deliveries a second, in thousands: from the first to the last.
  double delivered_k(std::size_t bytes_min) {
    std::int64_t count = 0;
    Clock::time_point first;
    Clock::time_point last;
    listen(std::chrono::milliseconds(700), [&](const zmq::message_t& message) {
      if (message.size() < bytes_min) return;
      last = Clock::now();
      if (count++ == 0) first = last;
    });
    return static_cast<double>(count) / std::chrono::duration<double, std::milli>(last - first).count();
  }

 private:
  zmq::context_t context_{1};
  std::vector<zmq::socket_t> sockets_;
  std::vector<zmq_pollitem_t> items_;
};

Bytes event_frame() {
  Bytes body;
  PackWriter writer(body);
  PackMap(writer).binary("data", Bytes(kChunkBytes, 'x'));
  Bytes frame;
  iopub::encode_event(frame, iopub::job_topic(Uuid{}), {.kind = iopub::EventKind::kChunk}, body);
  return frame;
}

double raw_fan_out(std::size_t subscribers) {
  zmq::context_t context{1};
  zmq::socket_t publisher(context, zmq::socket_type::xpub);
  publisher.set(zmq::sockopt::sndhwm, kQueue);
  publisher.set(zmq::sockopt::xpub_verbose, 1);
  publisher.set(zmq::sockopt::linger, 0);
  publisher.bind("tcp://127.0.0.1:*");
  const Bytes frame = event_frame();
  const std::string topic = iopub::job_topic(Uuid{});
  Audience audience(subscribers, publisher.get(zmq::sockopt::last_endpoint), topic);
  zmq::message_t subscription;
  for (std::size_t i = 0; i < subscribers; ++i)
    YARD_CHECK(zmq_msg_recv(subscription.handle(), publisher.handle(), 0) >= 0);
  const std::int64_t events = kDeliveries / static_cast<std::int64_t>(subscribers);
  const std::jthread sender([&] {
    for (std::int64_t i = 0; i < events; ++i) zmq_send(publisher.handle(), frame.data(), frame.size(), 0);
  });
  return audience.delivered_k(frame.size());
}

double our_fan_out(BrokerFixture& broker, std::size_t subscribers) {
  RawSession session(broker.endpoints());
  const Uuid id = session.fresh_id();
  std::string topic = iopub::job_topic(id);
  topic.push_back('\0');
  Audience audience(subscribers, broker.endpoints().iopub, topic);
  // A job that is due later gives its stream time to be subscribed to by all: each one is welcomed.
  Bytes arguments;
  PackWriter writer(arguments);
  PackMap(writer).integer("count", kDeliveries / static_cast<std::int64_t>(subscribers)).integer("bytes", kChunkBytes);
  Bytes options;
  PackWriter options_writer(options);
  PackMap(options_writer).integer("delay_ms", 300);
  const auto plain = wire::decode(session.call_frame("stream", arguments, 0, id));
  YARD_CHECK(plain.has_value());
  wire::Header header = plain->header;
  header.flags = wire::kHasOptions;
  session.send(wire::encode(header, "stream", options + arguments));
  return audience.delivered_k(event_frame().size());
}

}  // namespace

std::vector<Comparison> iopub_comparisons() {
  const auto broker = std::make_shared<std::unique_ptr<BrokerFixture>>();
  std::vector<Comparison> all;
  for (const std::size_t subscribers : {1u, 10u, 100u}) {
    all.push_back({.name = "iopub to " + std::to_string(subscribers),
                   .reference_name = "raw XPUB/SUB, same bytes",
                   .unit = "k/s",
                   .reach_for = 0.7,
                   .ours =
                       [broker, subscribers] {
                         if (!*broker) *broker = std::make_unique<BrokerFixture>();
                         return our_fan_out(**broker, subscribers);
                       },
                   .reference = [subscribers] { return raw_fan_out(subscribers); }});
  }
  return all;
}

}  // namespace yard::bench
