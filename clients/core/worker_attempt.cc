#include "clients/core/worker_attempt.h"

#include <exception>

#include "engine/base/text.h"
#include "engine/base/utf8.h"

namespace yard::client {

using wire::Verb;

namespace {

std::size_t size_of(const Bytes& body) { return wire::kHeaderBytes + body.size(); }

Bytes error_body(const Error& error) {
  const std::string& message = error.message;
  return pack_map([&](PackMap& map) {
    map.string("name", error_name(error.code));
    map.string("message", is_utf8(message) ? message : printable(message, message.size()));
    if (!error.pointer.empty()) map.string("pointer", error.pointer);
    if (error.retry_after_ms > 0) map.natural("retry_after_ms", error.retry_after_ms);
  });
}

// What the broker is known to refuse.
Status check_report(const Bytes& body) {
  if (size_of(body) > wire::kFrameBytesMax)
    return fail(ErrorCode::kTooLarge, "what a worker says at once has at most 4 MiB");
  if (body.empty()) return {};
  Status checked = check_pack(body);
  if (!checked && checked.error().code != ErrorCode::kTooLarge) checked.error().code = ErrorCode::kToolFailed;
  return checked;
}

}  // namespace

// ---- the handler's thread

void WorkerAttempt::run(const WorkerHandler& handler) {
  say(Verb::kStart, {});
  if (options_.once) await_start();
  Result<Bytes> outcome = call(handler);
  if (outcome) {
    say(Verb::kSucceed, *std::move(outcome));
  } else {
    say(Verb::kFail, error_body(outcome.error()));
  }
  {
    const MutexLock lock(mutex_);
    done_ = true;
  }
  on_said_(shared_from_this());
}

void WorkerAttempt::await_start() {
  const MutexLock lock(mutex_);
  while (!started_ && !closed_) wait_for_broker();
}

void WorkerAttempt::wait_for_broker() {
  waiting_ = true;
  while (waiting_) changed_.wait(mutex_);
}

void WorkerAttempt::wake() {
  waiting_ = false;
  changed_.notify_all();
}

Result<Bytes> WorkerAttempt::call(const WorkerHandler& handler) {
  if (stop_.stop_requested()) return fail(ErrorCode::kCancelled, "told to stop before it began");
  try {
    return handler(PackView(options_.arguments), *this);
  } catch (const std::exception& error) {
    return fail(ErrorCode::kToolFailed, error.what());
  } catch (...) {
    return fail(ErrorCode::kToolFailed, "the handler threw what is no std::exception");
  }
}

void WorkerAttempt::say(Verb verb, Bytes body) {
  if (const Status checked = check_report(body); !checked) {
    verb = Verb::kFail;
    body = error_body(checked.error());
  }
  {
    const MutexLock lock(mutex_);
    // A broker that can't keep up slows the handler down; one report always has room.
    while (!kept_.empty() && kept_bytes_ + size_of(body) > options_.bytes_max && !closed_) wait_for_broker();
    if (closed_) return;
    keep(verb, std::move(body));
  }
  on_said_(shared_from_this());
}

void WorkerAttempt::keep(Verb verb, Bytes body) {
  kept_bytes_ += size_of(body);
  kept_.push_back({.number = ++last_, .verb = verb, .body = std::move(body)});
  closed_ = verb == Verb::kSucceed || verb == Verb::kFail;
}

void WorkerAttempt::progress(double percent, std::string_view message) {
  say(Verb::kProgress, pack_map([&](PackMap& map) { map.real("percent", percent).string("message", message); }));
}

void WorkerAttempt::chunk(BytesView data) {
  say(Verb::kChunk, pack_map([&](PackMap& map) { map.binary("data", data); }));
}

void WorkerAttempt::log(std::string_view level, std::string_view message) {
  say(Verb::kLog, pack_map([&](PackMap& map) { map.string("level", level).string("message", message); }));
}

// ---- the link's thread

void WorkerAttempt::rewind() {
  const MutexLock lock(mutex_);
  sent_ = reported_;
}

bool WorkerAttempt::is_waiting() const {
  const MutexLock lock(mutex_);
  return sent_ > reported_;
}

void WorkerAttempt::acknowledge(std::uint64_t number) {
  reported_ = std::max(reported_, number);
  bool ended = false;
  {
    const MutexLock lock(mutex_);
    started_ = true;
    while (!kept_.empty() && kept_.front().number <= number) {
      kept_bytes_ -= size_of(kept_.front().body);
      kept_.pop_front();
    }
    ended = closed_ && kept_.empty();
    wake();
  }
  // Its handler may go on all the same, if something that it said became the end.
  if (ended) stop_.request_stop();
}

void WorkerAttempt::refuse(std::uint64_t number, const Error& error) {
  const ErrorCode code = error.code == ErrorCode::kTooLarge ? error.code : ErrorCode::kToolFailed;
  const MutexLock lock(mutex_);
  if (kept_.empty() || number < kept_.front().number || number > kept_.back().number) return;
  stop_.request_stop();
  // Refused again, it has been replaced already.
  if (kept_[number - kept_.front().number].verb == Verb::kFail) return;
  while (!kept_.empty() && kept_.back().number >= number) {
    kept_bytes_ -= size_of(kept_.back().body);
    kept_.pop_back();
  }
  last_ = sent_ = number - 1;
  keep(Verb::kFail, error_body({.code = code, .message = "the broker refuses what its worker says: " + error.message}));
  wake();
}

void WorkerAttempt::revoke() {
  stop_.request_stop();
  const MutexLock lock(mutex_);
  closed_ = true;
  kept_.clear();
  kept_bytes_ = 0;
  wake();
}

bool WorkerAttempt::is_busy() const {
  const MutexLock lock(mutex_);
  return !done_ && !waiting_;
}

bool WorkerAttempt::is_over() const {
  const MutexLock lock(mutex_);
  return done_ && kept_.empty();
}

}  // namespace yard::client
