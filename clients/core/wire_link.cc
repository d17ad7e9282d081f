#include "clients/core/wire_link.h"

#include <sys/eventfd.h>
#include <unistd.h>
#include <zmq.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>

#include "clients/core/dealer.h"
#include "clients/core/endpoints.h"
#include "dispatch/wire/message.h"
#include "engine/base/check.h"
#include "engine/base/little_endian.h"

namespace yard::client {

using wire::Verb;

namespace {

constexpr int kSubscriberQueue = 100'000;
constexpr Millis kWelcomeWait{200};  // for a subscription's welcome, before replay is asked for anyway
constexpr Millis kTick{50};
constexpr Millis kConnectTick{2};  // while a connection is being made
constexpr std::size_t kCorrelationAt = 8;
constexpr std::size_t kSessionAt = 32;

// Correlations of the link's own messages; those of requests count up from 1.
constexpr std::uint64_t kPingCorrelation = ~0ull;
constexpr std::uint64_t kHelloCorrelation = ~1ull;

Error unavailable(const std::string& why) { return {.code = ErrorCode::kUnavailable, .message = why}; }

zmq::socket_t make_subscriber(zmq::context_t& context) {
  zmq::socket_t socket(context, zmq::socket_type::sub);
  configure_socket(socket);
  socket.set(zmq::sockopt::sndhwm, 0);  // beyond it subscriptions would be lost
  socket.set(zmq::sockopt::rcvhwm, kSubscriberQueue);
  return socket;
}

// Signals are for the program's own threads, whatever they do with them.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

// Subscribing and unsubscribing fail only when the context is gone, and then so is everything else.
void set_subscription(zmq::socket_t& socket, int option, std::string_view prefix) {
  (void)zmq_setsockopt(socket.handle(), option, prefix.data(), prefix.size());
}

}  // namespace

SteadyTime WireLink::now() { return std::chrono::time_point_cast<Nanos>(std::chrono::steady_clock::now()); }

WireLink::WireLink(const ClientOptions& options)
    : options_(options),
      requests_(make_dealer(context_)),
      control_(make_dealer(context_)),
      events_(make_subscriber(context_)),
      wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      orders_(options.pending_max) {
  YARD_CHECK(wake_fd_ >= 0);
}

Result<std::unique_ptr<WireLink>> WireLink::make(const ClientOptions& options) {
  try {
    return std::unique_ptr<WireLink>(new WireLink(options));  // NOLINT: the constructor is private
  } catch (const zmq::error_t& error) {
    return fail(ErrorCode::kUnavailable, std::string("cannot make sockets: ") + error.what());
  }
}

Result<std::unique_ptr<WireLink>> WireLink::open(const ClientOptions& options) {
  YARD_TRY(std::unique_ptr<WireLink> link, make(options));
  YARD_TRY_STATUS(link->say_hello());
  link->thread_ = std::jthread([raw = link.get()](const std::stop_token& stop) { raw->run(stop); });
  return link;
}

WireLink::~WireLink() {
  if (thread_.joinable()) {
    thread_.request_stop();
    (void)eventfd_write(wake_fd_, 1);
    thread_.join();
  }
  close(wake_fd_);
}

// The first HELLO, before the thread is there.
Status WireLink::say_hello() {
  YARD_TRY_STATUS(connect_socket(requests_, options_.requests));
  const SteadyTime until = now() + options_.connect_timeout;
  const Bytes hello = hello_frame(options_.name, kHelloCorrelation);
  // With ZMQ_IMMEDIATE nothing is queued for a peer that isn't there: try until it is.
  while (!send_now(requests_, hello)) {
    const auto left = std::chrono::ceil<Millis>(until - now());
    zmq_pollitem_t item{requests_.handle(), 0, ZMQ_POLLOUT, 0};
    if (left <= Millis::zero() || zmq_poll(&item, 1, left.count()) <= 0) {
      return std::unexpected(unavailable("nobody answers at " + options_.requests));
    }
  }
  zmq_pollitem_t item{requests_.handle(), 0, ZMQ_POLLIN, 0};
  const auto left = std::max(Millis(1), std::chrono::ceil<Millis>(until - now()));
  if (zmq_poll(&item, 1, left.count()) <= 0)
    return std::unexpected(unavailable("no broker answers at " + options_.requests));
  zmq::message_t reply;
  if (zmq_msg_recv(reply.handle(), requests_.handle(), ZMQ_DONTWAIT) < 0)
    return std::unexpected(unavailable("no answer to HELLO"));
  YARD_TRY(const wire::Message message, wire::decode(reply.to_string_view()));
  YARD_TRY_STATUS(check_pack(message.body, kReplyLimits));
  if (message.header.verb == Verb::kNack) return std::unexpected(parse_nack(PackView(message.body)));
  YARD_TRY(welcome_, parse_welcome(message.header, PackView(message.body)));
  session_ = welcome_.session;
  heard_ = pinged_ = now();
  YARD_TRY_STATUS(move_to(control_, control_at_, welcome_.control));
  YARD_TRY_STATUS(move_to(events_, events_at_, welcome_.iopub));
  const std::string beacon = std::string(iopub::kBeaconTopic) + '\0';
  set_subscription(events_, ZMQ_SUBSCRIBE, beacon);
  return {};
}

// A broker that came back may listen elsewhere.
Status WireLink::move_to(zmq::socket_t& socket, std::string& at, const std::string& told) {
  std::string endpoint = reachable_endpoint(told, options_.requests);
  if (endpoint == at) return {};
  if (!at.empty()) (void)zmq_disconnect(socket.handle(), at.c_str());
  at = std::move(endpoint);
  return connect_socket(socket, at);
}

Status WireLink::post(Order order) {
  if (!orders_.try_push(std::move(order)))
    return fail(ErrorCode::kQueueFull, "too many requests are on their way already");
  (void)eventfd_write(wake_fd_, 1);
  return {};
}

// ---- the thread

void WireLink::run(const std::stop_token& stop) {
  block_signals();
  while (!stop.stop_requested()) {
    wait_for_work();
    take_orders();
    take_replies(control_);
    take_replies(requests_);
    take_events();
    check_silence();
    keep_alive();
    ask_replays();
  }
  take_orders();
  Bytes bye;
  wire::encode_head(bye, {.verb = Verb::kBye, .session = session_});
  (void)send_now(requests_, bye);
  end_all();
}

void WireLink::wait_for_work() {
  std::array items = {
      zmq_pollitem_t{nullptr, wake_fd_, ZMQ_POLLIN, 0},
      zmq_pollitem_t{requests_.handle(), 0, ZMQ_POLLIN, 0},
      zmq_pollitem_t{control_.handle(), 0, ZMQ_POLLIN, 0},
      zmq_pollitem_t{events_.handle(), 0, ZMQ_POLLIN, 0},
  };
  const bool idle = pending_.empty() && followed_.empty();
  const Millis busy = std::exchange(connecting_, false) ? kConnectTick : kTick;
  const Millis most = idle ? std::max(kTick, welcome_.session_ttl / 8) : busy;
  if (zmq_poll(items.data(), static_cast<int>(items.size()), most.count()) <= 0) return;
  eventfd_t count = 0;
  if (items[0].revents != 0) (void)eventfd_read(wake_fd_, &count);
}

void WireLink::take_orders() {
  taken_.clear();
  orders_.drain(taken_);
  for (Order& order : taken_) std::visit([this](auto& one) { obey(one); }, order);
}

void WireLink::obey(Request& request) {
  const std::uint64_t correlation = ++last_correlation_;
  store_le(request.frame.data() + kCorrelationAt, correlation);
  if (pending_.empty()) heard_ = now();  // silence counts from the moment that something is asked
  Pending& pending = pending_[correlation];
  pending.request = std::move(request);
  pending.asked = now();
  send_pending(correlation, pending);
}

void WireLink::obey(Cast& cast) {
  store_le(cast.frame.data() + kSessionAt, session_);
  // At most once: what can't be sent now is thrown away.
  if (now() > cast.expires || !send_now(requests_, cast.frame)) ++casts_dropped_;
}

void WireLink::obey(Follow& follow) {
  const std::string exact = follow.topic + '\0';
  set_subscription(events_, ZMQ_SUBSCRIBE, exact);
  followed_.emplace(follow.id, Followed{.follower = StreamFollower(follow.topic, follow.from, follow.on_event),
                                        .on_event = follow.on_event,
                                        .replay_at = now() + kWelcomeWait});
}

void WireLink::obey(Unfollow& unfollow) {
  const auto found = followed_.find(unfollow.id);
  if (found == followed_.end()) return;
  set_subscription(events_, ZMQ_UNSUBSCRIBE, found->second.follower.topic() + '\0');
  followed_.erase(found);
}

void WireLink::send_pending(std::uint64_t, Pending& pending) {
  pending.waits_for_session = hello_sent_;
  if (hello_sent_) return;
  store_le(pending.request.frame.data() + kSessionAt, session_);
  const SteadyTime at = now();
  const bool sent = send_now(pending.request.control ? control_ : requests_, pending.request.frame);
  if (!sent && at - pending.asked < options_.reply_timeout) {
    pending.due = at;
    connecting_ = true;
    return;
  }
  // If the broker isn't there the frame is not sent, and silence brings it up again.
  ++pending.tries;
  pending.due = at + pending.request.hold + options_.reply_timeout;
}

// ---- replies

void WireLink::take_replies(zmq::socket_t& socket) {
  zmq::message_t frame;
  while (zmq_msg_recv(frame.handle(), socket.handle(), ZMQ_DONTWAIT) >= 0) {
    if (!frame.more()) on_reply(frame.to_string_view());
  }
}

void WireLink::on_reply(BytesView frame) {
  const auto message = wire::decode(frame);
  if (!message || (!message->body.empty() && !check_pack(message->body, kReplyLimits))) return;  // no broker says this
  heard_ = now();
  const wire::Header& header = message->header;
  const PackView body(message->body);
  if (header.verb == Verb::kWelcome) return on_welcome(*message);
  if (header.correlation == kPingCorrelation) {
    if (header.verb == Verb::kPong && !body.find("session").boolean_or(true)) lose_session();
    return;
  }
  const auto found = pending_.find(header.correlation);
  if (found == pending_.end()) return;  // the answer to a request that was answered before
  Pending& pending = found->second;
  if (header.verb != Verb::kNack) {
    OnReply answer = std::move(pending.request.on_reply);
    const Uuid id = load_uuid(pending.request.frame, 16);
    pending_.erase(found);
    return answer(Reply{.verb = header.verb, .id = id, .body = Bytes(message->body)});
  }
  Error error = parse_nack(body);
  if (error.code == ErrorCode::kNoSession && pending.tries < options_.tries_max) {
    pending.waits_for_session = true;
    return lose_session();
  }
  OnReply answer = std::move(pending.request.on_reply);
  pending_.erase(found);
  answer(std::unexpected(std::move(error)));
}

// ---- the session

void WireLink::lose_session() {
  if (std::exchange(hello_sent_, true)) return;
  hello_at_ = now();
  (void)send_now(requests_, hello_frame(options_.name, kHelloCorrelation));
}

void WireLink::on_welcome(const wire::Message& message) {
  const auto welcome = parse_welcome(message.header, PackView(message.body));
  if (!welcome || !std::exchange(hello_sent_, false)) return;
  session_ = welcome->session;
  // Where that fails the others stay silent, and what needs them is kUnavailable.
  (void)move_to(control_, control_at_, welcome->control);
  (void)move_to(events_, events_at_, welcome->iopub);
  for (auto& [correlation, pending] : pending_) send_pending(correlation, pending);
}

void WireLink::check_silence() {
  const SteadyTime at = now();
  if (hello_sent_ && at - hello_at_ > options_.reply_timeout) {
    hello_at_ = at;
    (void)send_now(requests_, hello_frame(options_.name, kHelloCorrelation));
  }
  const Millis patience = options_.reply_timeout * options_.tries_max;
  const bool dead = at - heard_ > patience;
  std::vector<OnReply> lost;
  for (auto entry = pending_.begin(); entry != pending_.end();) {
    Pending& pending = entry->second;
    const bool overdue = pending.due != SteadyTime{} && at > pending.due && !pending.waits_for_session;
    if (dead || (overdue && pending.tries >= options_.tries_max)) {
      lost.push_back(std::move(pending.request.on_reply));
      entry = pending_.erase(entry);
      continue;
    }
    if (overdue) send_pending(entry->first, pending);
    ++entry;
  }
  for (OnReply& answer : lost)
    answer(std::unexpected(unavailable("the broker at " + options_.requests + " does not answer")));
}

// While something is awaited silence is looked into soon; otherwise the session is merely kept.
void WireLink::keep_alive() {
  const SteadyTime at = now();
  const Millis interval = pending_.empty() ? welcome_.session_ttl / 4 : options_.reply_timeout / 2;
  if (at - std::max(pinged_, pending_.empty() ? SteadyTime{} : heard_) < interval) return;
  pinged_ = at;
  Bytes ping;
  wire::encode_head(ping, {.verb = Verb::kPing, .correlation = kPingCorrelation, .session = session_});
  (void)send_now(requests_, ping);
}

// ---- events

void WireLink::take_events() {
  zmq::message_t frame;
  while (zmq_msg_recv(frame.handle(), events_.handle(), ZMQ_DONTWAIT) >= 0) {
    if (!frame.more()) on_event_frame(frame.to_string_view());
  }
}

void WireLink::on_event_frame(BytesView frame) {
  const auto event = iopub::decode_event(frame);
  if (!event) return;
  if (event->topic == iopub::kBeaconTopic) {
    if (!check_pack(event->body, kReplyLimits)) return;
    const PackView streams = PackView(event->body).find("streams");
    for (auto& [id, followed] : followed_) {
      if (const auto seq = streams.find(followed.follower.topic()).integer()) {
        followed.follower.on_tail(event->header.epoch, static_cast<std::uint64_t>(*seq));
      }
    }
    return;
  }
  for (auto& [id, followed] : followed_) {
    if (followed.follower.topic() != event->topic) continue;
    if (event->header.kind == iopub::EventKind::kWelcome) followed.replay_at = {};
    (void)followed.follower.on_live(frame);  // it decoded before
  }
}

void WireLink::ask_replays() {
  const SteadyTime at = now();
  for (auto& [id, followed] : followed_) {
    if (at < followed.replay_at) continue;
    const auto from = followed.follower.wants_replay();
    if (!from) continue;
    Bytes frame;
    wire::encode_head(frame, {.verb = Verb::kReplay, .budget_ms = 0});
    PackWriter writer(frame);
    PackMap(writer).string("stream", followed.follower.topic()).natural("from", *from);
    Request request{.frame = std::move(frame), .on_reply = [this, id](Result<Reply> reply) {
                      const auto found = followed_.find(id);
                      if (found == followed_.end()) return;
                      if (!reply && reply.error().code == ErrorCode::kNotFound) {
                        found->second.follower.on_no_stream();
                      } else if (!reply || !found->second.follower.on_replay(reply->view())) {
                        found->second.follower.on_replay_failed();
                        found->second.replay_at = now() + options_.reply_timeout;
                      }
                    }};
    obey(request);
  }
}

void WireLink::end_all() {
  for (auto& [correlation, pending] : std::exchange(pending_, {})) {
    pending.request.on_reply(std::unexpected(unavailable("the client was closed")));
  }
}

}  // namespace yard::client
