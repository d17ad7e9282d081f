#include "clients/core/client.h"

#include <atomic>
#include <mutex>

#include "clients/core/endpoints.h"
#include "clients/core/wire_link.h"
#include "dispatch/wire/message.h"
#include "engine/base/mutex.h"

namespace yard::client {

using wire::Verb;

namespace {

// What the broker holds a CALL without a budget for, at the most.
constexpr Millis kUnstatedHold = std::chrono::seconds(45);

}  // namespace

class Client::Impl {
 public:
  explicit Impl(const ClientOptions& options) : options_(options), budget_(options.pending_bytes_max) {}

  Status open() {
    YARD_TRY(link_, WireLink::open(options_));
    return {};
  }

  [[nodiscard]] const Welcome& welcome() const { return link_->welcome(); }

  Uuid fresh_id() {
    const MutexLock lock(mutex_);
    return make_uuid(random_);
  }

  SubscriptionId fresh_subscription() { return ++last_subscription_; }

  // What can be known to fail is refused before it is sent.
  [[nodiscard]] static Status check(std::string_view tool, BytesView body) {
    if (tool.size() > wire::kToolBytesMax) return fail(ErrorCode::kBadRequest, "a tool's name has at most 64 bytes");
    if (wire::kHeaderBytes + tool.size() + body.size() > wire::kFrameBytesMax) {
      return fail(ErrorCode::kTooLarge,
                  "a request has at most 4 MiB; put large data into the CAS in pieces or by file");
    }
    return check_pack(body);
  }

  Answer ask(wire::Header header, std::string_view tool, BytesView body, Millis hold, bool control = false) {
    auto promise =
        std::make_shared<std::promise<Result<Reply>>>();  // owned by the request and, until it is posted, by us
    Answer answer = promise->get_future();
    Status posted = [&]() -> Status {
      YARD_TRY(auto reserved, reserve(body.size()));
      return link_->post(Request{.frame = wire::encode(header, tool, body),
                                 .hold = hold,
                                 .control = control,
                                 .on_reply = [promise](Result<Reply> reply) { promise->set_value(std::move(reply)); },
                                 .reserved = std::move(reserved)});
    }();
    if (!posted) return refused(std::move(posted).error());
    return answer;
  }

  Answer query(Verb verb, BytesView body, Millis hold = {}, bool control = false) {
    return ask({.verb = verb, .budget_ms = budget_field(hold)}, "", body, hold, control);
  }

  static Answer refused(Error error) {
    std::promise<Result<Reply>> promise;
    promise.set_value(std::unexpected(std::move(error)));
    return promise.get_future();
  }

  Result<ByteBudget::Reservation> reserve(std::size_t bytes) {
    auto reserved = budget_.reserve(bytes + wire::kHeaderBytes);
    if (!reserved) return fail(ErrorCode::kQueueFull, "requests of too many bytes are on their way already");
    return *std::move(reserved);
  }

  [[nodiscard]] std::uint64_t casts_dropped() const { return link_->casts_dropped(); }
  [[nodiscard]] Status post(Order order) { return link_->post(std::move(order)); }

 private:
  const ClientOptions options_;
  ByteBudget budget_;
  Mutex mutex_;
  SystemRandom random_ YARD_GUARDED_BY(mutex_);
  std::atomic<SubscriptionId> last_subscription_ = 0;
  std::unique_ptr<WireLink> link_;
};

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;

Result<std::unique_ptr<Client>> Client::connect(ClientOptions options) {
  if (options.requests.empty()) options.requests = default_requests_endpoint();
  auto impl = std::make_unique<Impl>(options);
  YARD_TRY_STATUS(impl->open());
  return std::unique_ptr<Client>(new Client(std::move(impl)));  // NOLINT: the constructor is private
}

const Welcome& Client::welcome() const { return impl_->welcome(); }

Client::Answer Client::call(std::string_view tool, BytesView arguments, const CallOptions& options) {
  if (const Status checked = Impl::check(tool, arguments); !checked) return Impl::refused(checked.error());
  Bytes body;
  PackWriter writer(body);
  const bool has_options = write_options(writer, options);
  body.append(arguments);
  const wire::Header header{.verb = Verb::kCall,
                            .flags = has_options ? static_cast<std::uint8_t>(wire::kHasOptions) : std::uint8_t{0},
                            .priority = options.priority,
                            .id = options.id ? options.id : impl_->fresh_id(),
                            .budget_ms = options.budget ? budget_field(*options.budget) : wire::kBudgetOfClass};
  return impl_->ask(header, tool, body, options.budget.value_or(kUnstatedHold));
}

Result<Reply> Client::call_wait(std::string_view tool, BytesView arguments, const CallOptions& options) {
  return call(tool, arguments, options).get();
}

Client::Answer Client::submit(std::string_view tool, BytesView arguments, CallOptions options) {
  options.budget = Millis::zero();
  return call(tool, arguments, options);
}

Client::Answer Client::submit_batch(BytesView calls, bool atomic) {
  const Bytes body = pack_map([&](PackMap& map) { map.boolean("atomic", atomic).raw("calls", calls); });
  if (const Status checked = Impl::check("", body); !checked) return Impl::refused(checked.error());
  return impl_->query(Verb::kSubmitBatch, body);
}

Status Client::cast(std::string_view tool, BytesView arguments, const CastOptions& options) {
  YARD_TRY_STATUS(Impl::check(tool, arguments));
  const SteadyTime sent = SystemClock().now().steady;
  const bool same_clock = is_same_machine(welcome().control);
  const wire::Header header{.verb = Verb::kCast,
                            .id = impl_->fresh_id(),
                            .budget_ms = budget_field(options.ttl),
                            .group = options.group,
                            .sent_ns = same_clock ? to_ns(sent) : 0,
                            .fence = options.fence};
  YARD_TRY(auto reserved, impl_->reserve(arguments.size()));
  return impl_->post(Cast{
      .frame = wire::encode(header, tool, arguments), .expires = sent + options.ttl, .reserved = std::move(reserved)});
}

std::uint64_t Client::casts_dropped() const { return impl_->casts_dropped(); }

Client::Answer Client::status(JobId job) {
  return impl_->query(Verb::kStatus, pack_map([&](PackMap& map) { map.string("job_id", to_hex(job.value())); }));
}

Client::Answer Client::list(BytesView filter) {
  if (const Status checked = Impl::check("", filter); !checked) return Impl::refused(checked.error());
  return impl_->query(Verb::kList, filter);
}

Client::Answer Client::wait(std::span<const JobId> jobs, bool all, Millis timeout) {
  Bytes body;
  PackWriter writer(body);
  {
    PackMap map(writer);
    map.string("mode", all ? "all" : "any");
    PackArray ids = map.array("job_ids");
    for (const JobId job : jobs) ids.string(to_hex(job.value()));
  }
  return impl_->query(Verb::kWait, body, timeout);
}

Client::Answer Client::cancel(JobId job, std::string_view reason) {
  const Bytes body = pack_map([&](PackMap& map) {
    map.string("job_id", to_hex(job.value()));
    if (!reason.empty()) map.string("reason", reason);
  });
  return impl_->query(Verb::kCancel, body, {}, /*control=*/true);
}

Client::Answer Client::why(JobId job) {
  return impl_->query(Verb::kWhy, pack_map([&](PackMap& map) { map.string("job_id", to_hex(job.value())); }));
}

Client::Answer Client::inspect(JobId job) {
  return impl_->query(Verb::kStatus, pack_map([&](PackMap& map) {
                        map.string("job_id", to_hex(job.value())).boolean("arguments", true);
                      }));
}

Client::Answer Client::dead_replay(JobId job) {
  const Bytes body = pack_map([&](PackMap& map) { map.string("job_id", to_hex(job.value())); });
  return impl_->ask({.verb = Verb::kDeadReplay, .id = impl_->fresh_id()}, "", body, {});
}

Client::Answer Client::dead_purge(std::span<const JobId> jobs) {
  return impl_->query(Verb::kDeadPurge, pack_map([&](PackMap& map) {
                        PackArray ids = map.array("job_ids");
                        for (const JobId job : jobs) ids.string(to_hex(job.value()));
                      }));
}

Client::Answer Client::dead_purge_all() {
  return impl_->query(Verb::kDeadPurge, pack_map([](PackMap& map) { map.boolean("all", true); }));
}

Client::Answer Client::schedule_set(const Schedule& schedule) {
  Bytes body;
  PackWriter writer(body);
  write_schedule(writer, schedule);
  if (const Status checked = Impl::check("", body); !checked) return Impl::refused(checked.error());
  return impl_->ask({.verb = Verb::kScheduleSet, .id = impl_->fresh_id()}, "", body, {});
}

Client::Answer Client::schedule_remove(std::string_view name) {
  const Bytes body = pack_map([&](PackMap& map) { map.string("name", name); });
  return impl_->ask({.verb = Verb::kScheduleRemove, .id = impl_->fresh_id()}, "", body, {});
}

Client::Answer Client::schedules(std::string_view name) {
  return impl_->query(Verb::kSchedules, pack_map([&](PackMap& map) {
                        if (!name.empty()) map.string("name", name);
                      }));
}

Client::Answer Client::tools(std::string_view name) {
  return impl_->query(Verb::kTools, pack_map([&](PackMap& map) {
                        if (!name.empty()) map.string("name", name);
                      }));
}

Client::Answer Client::stats() {
  return impl_->query(Verb::kStats, pack_map([](PackMap&) {}), {}, /*control=*/true);
}
Client::Answer Client::ping() {
  return impl_->query(Verb::kPing, pack_map([](PackMap&) {}), {}, /*control=*/true);
}
Client::Answer Client::drain() {
  return impl_->query(Verb::kDrain, pack_map([](PackMap&) {}), {}, /*control=*/true);
}

Client::Answer Client::administer(const AdminRequest& request) {
  const auto add = [](PackMap& map, std::string_view key, const std::string& value) {
    if (!value.empty()) map.string(key, value);
  };
  const Bytes body = pack_map([&](PackMap& map) {
    {
      PackMap target = map.map("target");
      add(target, "tool", request.tool);
      add(target, "tenant", request.tenant);
      add(target, "queue", request.queue);
      add(target, "worker", request.worker);
    }
    add(map, "reason", request.reason);
    add(map, "cursor", request.cursor);
  });
  return impl_->query(request.verb, body, {}, /*control=*/true);
}
Client::Answer Client::audit(std::int64_t limit) {
  return impl_->query(Verb::kAudit, pack_map([&](PackMap& map) { map.integer("limit", limit); }), {}, /*control=*/true);
}

Result<SubscriptionId> Client::subscribe(std::string_view topic, std::uint64_t from, OnEvent on_event) {
  if (topic.empty() || topic.size() > iopub::kTopicBytesMax || topic.contains('\0')) {
    return fail(ErrorCode::kBadRequest, "a topic has 1 to 200 bytes and no NUL");
  }
  const SubscriptionId id = impl_->fresh_subscription();
  YARD_TRY_STATUS(
      impl_->post(Follow{.id = id, .topic = std::string(topic), .from = from, .on_event = std::move(on_event)}));
  return id;
}

void Client::unsubscribe(SubscriptionId id) {
  // If the queue is full the events go on; whoever owns the callback must stay until the client is gone.
  (void)impl_->post(Unfollow{.id = id});
}

}  // namespace yard::client
