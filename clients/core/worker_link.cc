#include "clients/core/worker_link.h"

#include <zmq.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "clients/core/dealer.h"
#include "clients/core/endpoints.h"
#include "clients/core/reply.h"
#include "engine/base/random.h"

namespace yard::client {

using wire::Verb;

namespace {

constexpr Millis kSilence{3'000};  // after which the broker is taken for gone
constexpr Millis kPollMax{200};

// Correlations of what is no report.
constexpr std::uint64_t kHelloCorrelation = ~0ull;
constexpr std::uint64_t kRegisterCorrelation = ~1ull;
constexpr std::uint64_t kOtherCorrelation = ~2ull;

SteadyTime steady_now() { return std::chrono::time_point_cast<Nanos>(std::chrono::steady_clock::now()); }

Uuid fresh_id() {
  SystemRandom random;
  return make_uuid(random);
}

}  // namespace

WorkerLink::WorkerLink(const WorkerOptions& options, Bytes tools, OnAssign on_assign)
    : options_(options), tools_(std::move(tools)), on_assign_(std::move(on_assign)), id_(fresh_id()) {}

Status WorkerLink::run(const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] { wake_.signal(); });
  heard_ = steady_now();
  connect();
  while (refused_ && !(stop.stop_requested() && held_.empty())) {
    wait();
    take_said();
    take_frames();
    if (stop.stop_requested() && !std::exchange(leaving_, true) && session_ != 0) enroll();
    keep_lease();
    if (leaving_ && is_alone())
      refused_ = fail(ErrorCode::kUnavailable, "left without the broker: nobody heard how its last jobs ended");
  }
  send(Verb::kBye, kOtherCorrelation, [](PackMap&) {});
  for (auto& [fence, attempt] : held_) attempt->revoke();
  return refused_;
}

// ---- the connection

// Anew, with everything that is held.
void WorkerLink::connect() {
  socket_ = make_dealer(context_);
  // An endpoint that none can be is a broker that never comes.
  if (Status connected = connect_socket(socket_, options_.workers); !connected) refused_ = std::move(connected);
  session_ = 0;
  said_hello_ = false;
  connected_ = steady_now();
}

// Nobody is there to hear how things ended, and nothing goes on but waiting for that.
bool WorkerLink::is_alone() const {
  const auto busy = [](const auto& held) { return held.second->is_busy(); };
  return steady_now() - heard_ > options_.leave_timeout && !std::ranges::any_of(held_, busy);
}

void WorkerLink::keep_lease() {
  const SteadyTime now = steady_now();
  if (!said_hello_) said_hello_ = send_now(socket_, hello_frame(options_.name, kHelloCorrelation));
  if (now - std::max(heard_, connected_) > kSilence) return connect();
  if (session_ == 0 || now < renew_at_) return;
  renew_at_ = now + renew_every_;
  renew();
  for (auto& [fence, attempt] : held_) {
    if (attempt->is_waiting()) attempt->rewind();
    send_reports(*attempt);
  }
}

void WorkerLink::wait() {
  sleeping_ = true;
  bool nothing_said = false;
  {
    const MutexLock lock(mutex_);
    nothing_said = said_.empty();
  }
  std::array items = {zmq_pollitem_t{nullptr, wake_.fd(), ZMQ_POLLIN, 0},
                      zmq_pollitem_t{socket_.handle(), 0, ZMQ_POLLIN, 0}};
  (void)zmq_poll(items.data(), static_cast<int>(items.size()), nothing_said ? kPollMax.count() : 0);
  sleeping_ = false;
  if (items[0].revents != 0) wake_.clear();
}

template <typename Write>
void WorkerLink::send(Verb verb, std::uint64_t correlation, Write&& write) {
  Bytes frame;
  wire::encode_head(frame, {.verb = verb, .correlation = correlation, .session = session_});
  PackWriter writer(frame);
  {
    PackMap map(writer);
    write(map);
  }
  // What can't be sent now is said again: silence brings it up.
  (void)send_now(socket_, frame);
}

void WorkerLink::write_attempts(PackMap& map) const {
  PackArray attempts = map.array("attempts");
  for (const auto& [fence, attempt] : held_) {
    attempts.map()
        .string("job_id", hex_text(attempt->job().value()))
        .natural("fence", fence)
        .natural("reported", attempt->reported());
  }
}

void WorkerLink::enroll() {
  send(Verb::kRegister, kRegisterCorrelation, [&](PackMap& map) {
    map.string("worker", hex_text(id_)).string("name", options_.name);
    map.natural("concurrency", leaving_ ? 0 : options_.concurrency + options_.prefetch).raw("tools", tools_);
    {
      PackMap resources = map.map("resources");
      for (const auto& [name, amount] : options_.resources) resources.natural(name, amount);
    }
    write_attempts(map);
  });
}

void WorkerLink::renew() {
  send(Verb::kRenew, kOtherCorrelation, [&](PackMap& map) { write_attempts(map); });
}

// ---- reports

void WorkerLink::said(std::shared_ptr<WorkerAttempt> attempt) {
  {
    const MutexLock lock(mutex_);
    said_.push_back(std::move(attempt));
  }
  if (sleeping_.exchange(false)) wake_.signal();
}

void WorkerLink::take_said() {
  taken_.clear();
  {
    const MutexLock lock(mutex_);
    std::swap(taken_, said_);
  }
  for (const auto& attempt : taken_) {
    send_reports(*attempt);
    forget_if_over(attempt->fence());
  }
}

void WorkerLink::send_reports(WorkerAttempt& attempt) {
  if (session_ == 0) return;
  attempt.send_reports(session_, [&](BytesView frame) { return send_now(socket_, frame); });
}

void WorkerLink::forget_if_over(std::uint64_t fence) {
  const auto found = held_.find(fence);
  if (found != held_.end() && found->second->is_over()) held_.erase(found);
}

// ---- what the broker says

void WorkerLink::take_frames() {
  zmq::message_t frame;
  // A frame may lead to another connection, on which nothing has arrived yet.
  while (zmq_msg_recv(frame.handle(), socket_.handle(), ZMQ_DONTWAIT) >= 0) {
    if (!frame.more()) take(frame.to_string_view());
  }
}

void WorkerLink::take(BytesView frame) {
  const auto message = wire::decode(frame);
  if (!message || (!message->body.empty() && !check_pack(message->body, kReplyLimits))) return;  // no broker says this
  heard_ = steady_now();
  const wire::Header& header = message->header;
  const PackView body(message->body);
  const auto held = held_.find(header.fence);
  switch (header.verb) {
    case Verb::kWelcome: return on_welcome(header.session);
    case Verb::kAssign:
      if (held == held_.end()) on_assign(*message, body);
      return;
    case Verb::kNack: return on_nack(header, body);
    case Verb::kAck:
      if (header.fence == 0) {
        renew_every_ =
            Millis(std::clamp<std::int64_t>(body.find("renew_ms").integer_or(renew_every_.count()), 10, 60'000));
      } else if (held != held_.end()) {
        held->second->acknowledge(header.correlation);
        forget_if_over(header.fence);
      }
      return;
    case Verb::kStop:
      if (held != held_.end()) held->second->request_stop();
      return;
    case Verb::kRevoke:
      if (held == held_.end()) return;
      held->second->revoke();
      return forget_if_over(header.fence);
    default: return;
  }
}

void WorkerLink::on_welcome(std::uint64_t session) {
  session_ = session;
  renew_at_ = heard_ + renew_every_;
  enroll();
  for (auto& [fence, attempt] : held_) {
    attempt->rewind();
    send_reports(*attempt);
  }
}

void WorkerLink::on_assign(const wire::Message& message, PackView body) {
  auto attempt = std::make_shared<WorkerAttempt>(
      WorkerAttempt::Options{.job = JobId(message.header.id),
                             .fence = message.header.fence,
                             .tool = std::string(message.tool),
                             .attempt = static_cast<std::uint32_t>(body.find("attempt").integer_or(1)),
                             .once = body.find("once").boolean_or(true),
                             .arguments = Bytes(body.find("arguments").bytes()),
                             .bytes_max = options_.attempt_bytes_max},
      [this](std::shared_ptr<WorkerAttempt> one) { said(std::move(one)); });
  if (on_assign_(attempt)) held_.emplace(message.header.fence, std::move(attempt));
}

void WorkerLink::on_nack(const wire::Header& header, PackView body) {
  const Error error = parse_nack(body);
  if (error.code == ErrorCode::kNoSession) return connect();
  if (header.correlation == kRegisterCorrelation) refused_ = std::unexpected(error);
  const auto held = held_.find(header.fence);
  if (held == held_.end() || is_retryable(error.code)) return;
  held->second->refuse(header.correlation, error);
  send_reports(*held->second);
}

}  // namespace yard::client
