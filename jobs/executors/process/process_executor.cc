#include "jobs/executors/process/process_executor.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <system_error>
#include <thread>
#include <utility>
#include <variant>

#include "engine/base/fd.h"
#include "engine/base/mutex.h"
#include "jobs/executors/process/poller.h"
#include "jobs/executors/process/process_attempt.h"
#include "jobs/executors/process/sandbox.h"

namespace yard::jobs {
namespace {

constexpr std::uint64_t kWakeKey = 0;  // of the eventfd; attempts are numbered from one
constexpr Millis kRetryInterval{5};    // of a report that found no room

struct Order {
  Work work;
  const CommandSpec* command;
};
using Request = std::variant<Order, JobId>;  // to start, to stop

// Blocks all signals for as long as it lives: what is started meanwhile inherits that.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

// The thread, and how it is reached. Members below `shop_` are the thread's.
class ProcessExecutor::Monitor {
 public:
  Monitor(std::size_t slots, ReportSink& reports, const Clock& clock)
      : slots_(slots),
        clock_(clock),
        wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        shop_{.poller = poller_,
              .reports = reports,
              .filter = make_seccomp_filter(false),
              .network_filter = make_seccomp_filter(true)} {
    if (!wake_ || !poller_.watch(wake_, EPOLLIN, kWakeKey)) {
      throw std::system_error(errno, std::generic_category(), "eventfd");
    }
    const SignalsBlocked blocked;  // spawn() wants it so, and a closed pipe is an error, not a signal
    thread_ = std::jthread([this] { run_loop(); });
  }

  ~Monitor() {
    {
      const MutexLock lock(mutex_);
      quitting_ = true;
    }
    wake();
    thread_.join();
  }

  Monitor(const Monitor&) = delete;
  Monitor& operator=(const Monitor&) = delete;

  void ask(std::vector<Request> requests) YARD_EXCLUDES(mutex_) {
    {
      const MutexLock lock(mutex_);
      for (Request& request : requests) requests_.push_back(std::move(request));
    }
    wake();
  }

 private:
  void wake() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);  // full: it is awake
  }

  // Takes what was asked. False once the executor goes.
  bool take_requests() YARD_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    taken_.clear();
    std::swap(taken_, requests_);
    return !quitting_;
  }

  void run_loop() {
    while (take_requests()) {
      SteadyTime now = clock_.now().steady;
      for (Request& request : taken_) {
        std::visit([&](auto& what) { serve(what, now); }, request);
      }
      const SteadyTime due = step(now);
      now = clock_.now().steady;
      for (const epoll_event& event : poller_.wait(room_, timeout(due, now))) {
        dispatch(event.data.u64);
      }
    }
    running_.clear();
  }

  void serve(Order& order, SteadyTime) {
    if (order.command != nullptr) {
      waiting_.push_back(std::move(order));
      return;
    }
    finish_unbegun(order.work, {.code = ErrorCode::kUnknownTool,
                                .message = "the tool " + order.work.tool + " has no command to run"});
  }

  void serve(JobId id, SteadyTime now) {
    for (auto& [number, attempt] : running_) {
      if (attempt.id() == id) attempt.stop(now);
    }
    const auto found = std::ranges::find(waiting_, id, [](const Order& order) { return order.work.id; });
    if (found == waiting_.end()) return;
    finish_unbegun(found->work, {.code = ErrorCode::kCancelled, .message = "stopped before it began"});
    waiting_.erase(found);
  }

  void finish_unbegun(const Work& work, Error error) {
    unsent_.push_back(
        {.id = work.id, .fence = work.fence, .what = Finished{.outcome = std::unexpected(std::move(error))}});
  }

  void dispatch(std::uint64_t key) {
    if (key == kWakeKey) {
      std::uint64_t count = 0;
      [[maybe_unused]] const auto read = ::read(wake_.get(), &count, sizeof count);
      return;
    }
    const auto found = running_.find(key / kStreams);
    if (found != running_.end()) {
      found->second.on_event(static_cast<Stream>(key % kStreams), clock_.now().steady);
    }
  }

  // Does all that can be done now; when there will be more, if nothing happens before.
  SteadyTime step(SteadyTime now) {
    SteadyTime due = SteadyTime::max();
    while (!unsent_.empty() && shop_.reports.try_push(std::move(unsent_.front()))) unsent_.pop_front();
    if (!unsent_.empty()) due = now + kRetryInterval;
    for (auto at = running_.begin(); at != running_.end();) {
      at->second.step(now);
      due = std::min(due, at->second.due());
      at = at->second.done() ? running_.erase(at) : std::next(at);
    }
    while (running_.size() < slots_ && !waiting_.empty()) {
      begin(std::move(waiting_.front()), now);
      waiting_.pop_front();
      due = now;  // an exec takes its time, and so the others are looked at first
    }
    return due;
  }

  void begin(Order&& order, SteadyTime now) {
    const std::uint64_t number = next_number_++;
    auto& attempt = running_.try_emplace(number, std::move(order.work), *order.command, number, shop_).first->second;
    attempt.begin(now);
  }

  static Millis timeout(SteadyTime due, SteadyTime now) {
    if (due == SteadyTime::max()) return Millis(-1);
    return std::max(Millis::zero(), std::chrono::ceil<Millis>(due - now));
  }

  const std::size_t slots_;
  const Clock& clock_;
  const Fd wake_;
  Mutex mutex_;
  bool quitting_ YARD_GUARDED_BY(mutex_) = false;
  std::vector<Request> requests_ YARD_GUARDED_BY(mutex_);

  Poller poller_;
  Workshop shop_;
  std::uint64_t next_number_ = 1;
  std::deque<Order> waiting_;
  std::map<std::uint64_t, ProcessAttempt> running_;
  std::deque<Report> unsent_;
  std::vector<Request> taken_;
  std::array<epoll_event, 64> room_{};

  std::jthread thread_;
};

ProcessExecutor::ProcessExecutor(std::size_t slots, CommandOf command_of, ReportSink& reports, const Clock& clock)
    : slots_(std::max<std::size_t>(slots, 1)),
      command_of_(std::move(command_of)),
      monitor_(std::make_unique<Monitor>(slots_, reports, clock)) {}

ProcessExecutor::~ProcessExecutor() = default;

void ProcessExecutor::start(std::vector<Work>& work) {
  std::vector<Request> requests;
  requests.reserve(work.size());
  for (Work& one : work) {
    const CommandSpec* command = command_of_(one.tool);
    requests.emplace_back(Order{.work = std::move(one), .command = command});
  }
  work.clear();
  monitor_->ask(std::move(requests));
}

void ProcessExecutor::stop(JobId id) { monitor_->ask({Request(id)}); }

}  // namespace yard::jobs
