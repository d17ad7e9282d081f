#include "clients/core/worker_attempt.h"

#include <exception>

namespace yard::client {

using wire::Verb;

namespace {

Bytes body_of(auto&& write) {
  Bytes body;
  PackWriter writer(body);
  {
    PackMap map(writer);
    write(map);
  }
  return body;
}

std::size_t size_of(const Bytes& body) { return wire::kHeaderBytes + body.size(); }

Bytes error_body(const Error& error) {
  return body_of([&](PackMap& map) {
    map.string("name", error_name(error.code)).string("message", error.message);
    if (!error.pointer.empty()) map.string("pointer", error.pointer);
    if (error.retry_after_ms > 0) map.natural("retry_after_ms", error.retry_after_ms);
  });
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
  while (!started_ && !revoked_) changed_.wait(mutex_);
}

Result<Bytes> WorkerAttempt::call(const WorkerHandler& handler) {
  if (stop_.stop_requested()) return fail(ErrorCode::kCancelled, "told to stop before it began");
  try {
    return handler(PackView(options_.arguments), *this);
  } catch (const std::exception& error) {
    return fail(ErrorCode::kToolFailed, error.what());
  }
}

void WorkerAttempt::say(Verb verb, Bytes body) {
  {
    const MutexLock lock(mutex_);
    // A broker that can't keep up slows the handler down; one report always has room.
    while (!kept_.empty() && kept_bytes_ + size_of(body) > options_.bytes_max && !revoked_) changed_.wait(mutex_);
    if (revoked_) return;
    kept_bytes_ += size_of(body);
    kept_.push_back({.number = ++last_, .verb = verb, .body = std::move(body)});
  }
  on_said_(shared_from_this());
}

void WorkerAttempt::progress(double percent, std::string_view message) {
  say(Verb::kProgress, body_of([&](PackMap& map) { map.real("percent", percent).string("message", message); }));
}

void WorkerAttempt::chunk(BytesView data) {
  say(Verb::kChunk, body_of([&](PackMap& map) { map.binary("data", data); }));
}

void WorkerAttempt::log(std::string_view level, std::string_view message) {
  say(Verb::kLog, body_of([&](PackMap& map) { map.string("level", level).string("message", message); }));
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
  const MutexLock lock(mutex_);
  started_ = true;
  while (!kept_.empty() && kept_.front().number <= number) {
    kept_bytes_ -= size_of(kept_.front().body);
    kept_.pop_front();
  }
  changed_.notify_all();
}

void WorkerAttempt::revoke() {
  stop_.request_stop();
  const MutexLock lock(mutex_);
  revoked_ = true;
  kept_.clear();
  kept_bytes_ = 0;
  changed_.notify_all();
}

bool WorkerAttempt::is_over() const {
  const MutexLock lock(mutex_);
  return done_ && kept_.empty();
}

}  // namespace yard::client
