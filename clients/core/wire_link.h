// WireLink: the sockets of one client, and the thread that holds them.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <variant>
#include <vector>
#include <zmq.hpp>

#include "clients/core/byte_budget.h"
#include "clients/core/client.h"
#include "clients/core/stream_follower.h"
#include "engine/base/bounded_queue.h"
#include "engine/base/random.h"

namespace yard::client {

// Called once, on the link's thread.
using OnReply = std::move_only_function<void(Result<Reply>)>;

// What may be asked of the link's thread.
struct Request {
  Bytes frame;           // without session and correlation, which the link fills in
  Millis hold{};         // how long the broker may hold the reply
  bool control = false;  // takes the control socket
  OnReply on_reply;
  ByteBudget::Reservation reserved;
};
struct Cast {
  Bytes frame;
  SteadyTime expires;
  ByteBudget::Reservation reserved;
};
struct Follow {
  SubscriptionId id;
  std::string topic;
  std::uint64_t from;
  OnEvent on_event;
};
struct Unfollow {
  SubscriptionId id;
};
using Order = std::variant<Request, Cast, Follow, Unfollow>;

// Threads: any for post(); everything else happens on the link's own.
class WireLink {
 public:
  // Connects and opens a session. Errors: kUnavailable, or what HELLO is answered.
  [[nodiscard]] static Result<std::unique_ptr<WireLink>> open(const ClientOptions& options);
  ~WireLink();
  WireLink(const WireLink&) = delete;
  WireLink& operator=(const WireLink&) = delete;

  // Errors: kQueueFull.
  [[nodiscard]] Status post(Order order);

  // Of the first session.
  [[nodiscard]] const Welcome& welcome() const { return welcome_; }

  // Casts that came too late to be sent, or found nobody.
  [[nodiscard]] std::uint64_t casts_dropped() const { return casts_dropped_.load(std::memory_order_relaxed); }

 private:
  struct Pending {
    Request request;
    int tries = 0;
    SteadyTime asked{};
    SteadyTime due{};  // when silence counts as loss
    bool waits_for_session = false;
  };
  struct Followed {
    StreamFollower follower;
    OnEvent on_event;
    SteadyTime replay_at{};  // when to ask for what is missing, welcome or not
  };

  explicit WireLink(const ClientOptions& options);
  [[nodiscard]] static Result<std::unique_ptr<WireLink>> make(const ClientOptions& options);
  [[nodiscard]] Status say_hello();
  [[nodiscard]] Status move_to(zmq::socket_t& socket, std::string& at, const std::string& told);

  void run(const std::stop_token& stop);
  void wait_for_work();
  void take_orders();
  void obey(Request& request);
  void obey(Cast& cast);
  void obey(Follow& follow);
  void obey(Unfollow& unfollow);
  void take_replies(zmq::socket_t& socket);
  void take_events();
  void on_reply(BytesView frame);
  void on_welcome(const wire::Message& message);
  void send_pending(std::uint64_t correlation, Pending& pending);
  void lose_session();
  void check_silence();
  void keep_alive();
  void ask_replays();
  void on_event_frame(BytesView frame);
  void end_all();

  [[nodiscard]] static SteadyTime now();

  const ClientOptions options_;
  Welcome welcome_;
  zmq::context_t context_{1};
  zmq::socket_t requests_;
  zmq::socket_t control_;
  zmq::socket_t events_;
  std::string control_at_;
  std::string events_at_;
  int wake_fd_ = -1;
  BoundedQueue<Order> orders_;
  std::vector<Order> taken_;
  std::uint64_t session_ = 0;
  bool hello_sent_ = false;  // a new session is being opened
  bool connecting_ = false;  // a request could not be sent yet
  std::uint64_t last_correlation_ = 0;
  std::unordered_map<std::uint64_t, Pending> pending_;
  std::map<SubscriptionId, Followed> followed_;
  SteadyTime heard_{};
  SteadyTime pinged_{};
  SteadyTime hello_at_{};
  std::atomic<std::uint64_t> casts_dropped_ = 0;
  std::jthread thread_;
};

}  // namespace yard::client
