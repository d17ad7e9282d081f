#include "clients/core/session.h"

#include <algorithm>

#include "clients/core/call_options.h"

namespace yard::client {

using wire::Verb;

namespace {

// How long the broker holds a call whose budget is left to the tool, at most. Source: PROTOCOL.md section 3.
constexpr Millis kHoldOfClassMax = std::chrono::seconds(45);

Millis hold_of(const Request& request) {
  if (request.verb != Verb::kCall && request.verb != Verb::kWait) return Millis::zero();
  if (request.budget_ms == wire::kBudgetOfClass) return kHoldOfClassMax;
  return Millis(request.budget_ms);
}

Millis round_up(Nanos duration) { return std::max(Millis::zero(), std::chrono::ceil<Millis>(duration)); }

Bytes hello_body(std::string_view name) {
  Bytes body;
  PackWriter writer(body);
  PackMap map(writer);
  map.string("client", name);
  map.array("versions").integer(wire::kVersionMin).integer(wire::kVersionMax);
  return body;
}

}  // namespace

Session::Session(SessionOptions options, SteadyTime now) : options_(std::move(options)), last_sent_(now) {
  if (options_.same_clock) offset_ = Nanos::zero();
}

// ---- what callers ask

void Session::request(Request request, SteadyTime now) {
  if (closing_) return request.done(fail(ErrorCode::kUnavailable, "this client is closed"));
  if (pending_.size() >= options_.pending_max) {
    return request.done(fail(ErrorCode::kQueueFull, std::to_string(pending_.size()) + " requests of this client wait"));
  }
  const Correlation correlation = ++last_correlation_;
  const SteadyTime hold_until = now + hold_of(request);
  Pending& pending =
      pending_.emplace(correlation, Pending{.request = std::move(request), .hold_until = hold_until}).first->second;
  enqueue(correlation, pending, now);
}

void Session::cast(Cast cast, SteadyTime now) {
  auto& outbox = at(Lane::kRequests).outbox;
  if (closing_ || is_stale(cast, now)) {
    ++counters_.casts_dropped;
    return;
  }
  if (casts_ >= options_.casts_max) {
    // The oldest is the one that is worth least.
    const auto oldest = std::ranges::find_if(outbox, [](const Outgoing& item) { return item.index() == 1; });
    if (oldest != outbox.end()) outbox.erase(oldest);
    --casts_;
    ++counters_.casts_dropped;
  }
  outbox.emplace_back(std::move(cast));
  ++casts_;
}

bool Session::is_stale(const Cast& cast, SteadyTime now) const {
  return now - cast.made >= std::chrono::milliseconds(cast.ttl_ms);
}

// ---- the table of pending requests

void Session::set_due(Correlation correlation, Pending& pending, SteadyTime due) {
  dues_.erase({pending.due, correlation});
  pending.due = due;
  dues_.emplace(due, correlation);
}

void Session::enqueue(Correlation correlation, Pending& pending, SteadyTime now) {
  at(pending.request.lane).outbox.emplace_back(correlation);
  set_due(correlation, pending, now + options_.reply_timeout);
}

// No longer in flight.
void Session::land(Pending& pending) {
  if (!pending.in_flight) return;
  pending.in_flight = false;
  --at(pending.request.lane).in_flight;
}

void Session::finish(Correlation correlation, Result<Reply> result) {
  const auto found = pending_.find(correlation);
  land(found->second);
  dues_.erase({found->second.due, correlation});
  Request request = std::move(found->second.request);
  pending_.erase(found);
  request.reserved = {};
  request.done(std::move(result));
}

void Session::repeat(Correlation correlation, SteadyTime now) {
  Pending& pending = pending_.at(correlation);
  if (++pending.attempts >= options_.attempts_max) {
    return finish(correlation, fail(ErrorCode::kUnavailable,
                                    "no answer to " + std::string(name_of(pending.request.verb)) + " after " +
                                        std::to_string(pending.attempts) + " attempts; is the broker running?"));
  }
  // What still waits in the outbox only gets a new date.
  if (!pending.in_flight) return set_due(correlation, pending, now + options_.reply_timeout);
  land(pending);
  ++counters_.repeats;
  enqueue(correlation, pending, now);
}

void Session::repeat_in_flight(std::optional<Lane> lane, SteadyTime now) {
  std::vector<Correlation> silent;
  for (const auto& [correlation, pending] : pending_) {
    if (pending.in_flight && (!lane || pending.request.lane == *lane)) silent.push_back(correlation);
  }
  std::ranges::sort(silent);  // in the order they were asked
  for (const Correlation correlation : silent) repeat(correlation, now);
}

// ---- sending

void Session::prepare_control_frame(LaneState& lane, Prepared what, const wire::Header& header, BytesView body) {
  wire::Header plain = header;
  plain.priority = 0;
  plain.budget_ms = 0;
  lane.prepared = what;
  lane.frame = wire::encode(plain, {}, body);
}

void Session::prepare_request(LaneState& lane, Correlation correlation, Pending& pending, SteadyTime now) {
  const Request& request = pending.request;
  wire::Header header{.verb = request.verb,
                      .flags = request.flags,
                      .priority = request.priority,
                      .correlation = correlation,
                      .id = request.id,
                      .session = session_,
                      .budget_ms = request.budget_ms};
  const bool holds = request.verb == Verb::kCall || request.verb == Verb::kWait;
  if (!holds) {
    header.budget_ms = 0;
  } else if (pending.attempts > 0 || request.budget_ms != wire::kBudgetOfClass) {
    header.budget_ms = budget_field(round_up(pending.hold_until - now));
  }
  pending.session = session_;
  lane.prepared = Prepared::kRequest;
  lane.frame = wire::encode(header, request.tool, request.body);
}

void Session::prepare_cast(LaneState& lane, const Cast& cast) {
  const wire::Header header{
      .verb = Verb::kCast,
      .id = cast.id,
      .session = session_,
      .budget_ms = cast.ttl_ms,
      .group = cast.group,
      .sent_ns = offset_ ? to_ns(cast.made + *offset_) : 0,
      .fence = cast.fence,
  };
  lane.prepared = Prepared::kCast;
  lane.frame = wire::encode(header, cast.tool, cast.body);
}

const Bytes* Session::front(Lane name, SteadyTime now) {
  LaneState& lane = at(name);
  lane.prepared = Prepared::kNothing;
  if (name == Lane::kRequests && hello_wanted_ && !closing_) {
    if (hello_ == 0) hello_ = ++last_correlation_;
    prepare_control_frame(lane, Prepared::kHello, {.verb = Verb::kHello, .correlation = hello_},
                          hello_body(options_.name));
    return &lane.frame;
  }
  if (!open()) return nullptr;
  if (lane.ping_wanted && !closing_) {
    lane.ping = ++last_correlation_;
    prepare_control_frame(lane, Prepared::kPing,
                          {.verb = Verb::kPing, .correlation = lane.ping, .session = session_}, {});
    return &lane.frame;
  }
  while (!lane.outbox.empty()) {
    Outgoing& next = lane.outbox.front();
    if (const auto* const correlation = std::get_if<Correlation>(&next)) {
      const auto found = pending_.find(*correlation);
      if (found != pending_.end() && !found->second.in_flight) {
        prepare_request(lane, *correlation, found->second, now);
        return &lane.frame;
      }
    } else if (const Cast& cast = std::get<Cast>(next); !is_stale(cast, now)) {
      prepare_cast(lane, cast);
      return &lane.frame;
    } else {
      --casts_;
      ++counters_.casts_dropped;
    }
    lane.outbox.pop_front();
  }
  if (closing_ && !bye_sent_ && name == Lane::kRequests) {
    prepare_control_frame(lane, Prepared::kBye,
                          {.verb = Verb::kBye, .correlation = ++last_correlation_, .session = session_},
                          {});
    return &lane.frame;
  }
  return nullptr;
}

void Session::sent(Lane name, SteadyTime now) {
  LaneState& lane = at(name);
  if (name == Lane::kRequests) last_sent_ = now;
  switch (std::exchange(lane.prepared, Prepared::kNothing)) {
    case Prepared::kNothing: return;
    case Prepared::kHello:
      hello_wanted_ = false;
      hello_due_ = now + options_.reply_timeout;
      ++counters_.hellos;
      return;
    case Prepared::kPing:
      lane.ping_wanted = false;
      lane.ping_sent = now;
      return;
    case Prepared::kCast:
      --casts_;
      lane.outbox.pop_front();
      return;
    case Prepared::kRequest: {
      const auto correlation = std::get<Correlation>(lane.outbox.front());
      lane.outbox.pop_front();
      Pending& pending = pending_.at(correlation);
      pending.in_flight = true;
      if (lane.in_flight++ == 0) lane.quiet_since = now;
      set_due(correlation, pending, std::max(now, pending.hold_until) + options_.reply_timeout);
      return;
    }
    case Prepared::kBye: bye_sent_ = true; return;
  }
}

// ---- receiving

void Session::greet() {
  session_ = 0;
  hello_ = 0;
  hello_wanted_ = true;
  for (LaneState& lane : lanes_) {
    lane.ping = 0;
    lane.ping_wanted = false;
  }
}

void Session::on_hello_reply(const wire::Message& message, SteadyTime now) {
  const Result<Welcome> welcome = message.header.verb == Verb::kWelcome
                                      ? parse_welcome(message.header, PackView(message.body))
                                      : std::unexpected(parse_nack(PackView(message.body)));
  if (!welcome) {
    if (is_retryable(welcome.error().code)) {
      hello_ = 0;
      hello_due_ = now + std::max(options_.reply_timeout, Millis(welcome.error().retry_after_ms));
      return;
    }
    if (greeted_) greeted_(welcome);
    return;
  }
  hello_ = 0;
  session_ = welcome->session;
  keep_alive_ = welcome->session_ttl / 4;
  at(Lane::kRequests).ping_wanted = !options_.same_clock;  // measures the clocks
  repeat_in_flight(std::nullopt, now);
  if (greeted_) greeted_(welcome);
}

void Session::on_pong(LaneState& lane, PackView body, SteadyTime now) {
  lane.ping = 0;
  if (!body.find("session").boolean_or(true)) return greet();
  const auto theirs = body.find("steady_ns").integer();
  if (options_.same_clock || !theirs) return;
  const Nanos round_trip = now - lane.ping_sent;
  if (round_trip > best_round_trip_ * 2) return;
  best_round_trip_ = std::min(best_round_trip_, round_trip);
  const Nanos offset = Nanos(*theirs) - (lane.ping_sent.time_since_epoch() + round_trip / 2);
  // What the measurement can't tell from zero is zero: then it is the same clock.
  offset_ = std::chrono::abs(offset) <= round_trip ? Nanos::zero() : offset;
}

void Session::receive(Lane name, BytesView frame, SteadyTime now) {
  LaneState& lane = at(name);
  lane.quiet_since = now;
  const Result<wire::Message> message = wire::decode(frame);
  if (!message || message->header.verb < Verb::kWelcome ||
      !(message->body.empty() || check_pack(message->body, kReplyLimits))) {
    ++counters_.strays;
    return;
  }
  const Correlation correlation = message->header.correlation;
  if (correlation != 0 && correlation == hello_ && !open()) return on_hello_reply(*message, now);
  if (correlation != 0 && correlation == lane.ping) return on_pong(lane, PackView(message->body), now);
  const auto found = pending_.find(correlation);
  if (found == pending_.end()) {
    ++counters_.strays;  // a second answer to a repeated request, for one
    return;
  }
  if (message->header.verb != Verb::kNack) {
    return finish(correlation,
                  Reply{.verb = message->header.verb, .id = found->second.request.id, .body = Bytes(message->body)});
  }
  Error error = parse_nack(PackView(message->body));
  if (error.code != ErrorCode::kNoSession) return finish(correlation, std::unexpected(std::move(error)));
  if (found->second.session == session_) greet();
  repeat(correlation, now);
}

// ---- time

// Whether the broker is still there: a PING after silence, and another silence settles it.
void Session::probe(Lane name, SteadyTime now) {
  LaneState& lane = at(name);
  if (lane.in_flight == 0 || now < lane.quiet_since + options_.reply_timeout) return;
  lane.quiet_since = now;
  if (lane.ping != 0) {
    lane.ping = 0;
    repeat_in_flight(name, now);
  }
  lane.ping_wanted = true;
}

void Session::tick(SteadyTime now) {
  if (closing_) return;
  if (!open() && now >= hello_due_) hello_wanted_ = true;
  while (!dues_.empty() && dues_.begin()->first <= now) repeat(dues_.begin()->second, now);
  if (!open()) return;
  probe(Lane::kRequests, now);
  probe(Lane::kControl, now);
  LaneState& requests = at(Lane::kRequests);
  if (now >= last_sent_ + keep_alive_) {
    last_sent_ = now;
    requests.ping_wanted = true;
  }
}

SteadyTime Session::next_due() const {
  SteadyTime next = SteadyTime::max();
  if (closing_) return next;
  if (!dues_.empty()) next = dues_.begin()->first;
  if (!open()) return hello_wanted_ ? next : std::min(next, hello_due_);
  for (const LaneState& lane : lanes_) {
    if (lane.in_flight > 0) next = std::min(next, lane.quiet_since + options_.reply_timeout);
  }
  return std::min(next, last_sent_ + keep_alive_);
}

void Session::close() {
  closing_ = true;
  while (!pending_.empty()) {
    finish(pending_.begin()->first, fail(ErrorCode::kUnavailable, "this client was closed"));
  }
}

}  // namespace yard::client
