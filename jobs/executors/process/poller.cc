#include "jobs/executors/process/poller.h"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>

#include "engine/base/check.h"

namespace yard::jobs {

Poller::Poller() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

bool Poller::watch(const Fd& fd, std::uint32_t what, std::uint64_t key) {
  epoll_event event{.events = what, .data = {.u64 = key}};
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd.get(), &event) == 0;
}

void Poller::change(const Fd& fd, std::uint32_t what, std::uint64_t key) {
  epoll_event event{.events = what, .data = {.u64 = key}};
  YARD_CHECK(::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd.get(), &event) == 0);
}

// Level-triggered, a pipe whose other end is closed would be reported for ever, asked for or not.
void Poller::pause(const Fd& fd, std::uint64_t key) { change(fd, EPOLLET, key); }

void Poller::resume(const Fd& fd, std::uint32_t what, std::uint64_t key) { change(fd, what, key); }

void Poller::unwatch(const Fd& fd) { ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd.get(), nullptr); }

std::span<const epoll_event> Poller::wait(std::span<epoll_event> room, std::chrono::milliseconds timeout) {
  const auto most = std::min<std::int64_t>(timeout.count(), std::numeric_limits<int>::max());
  const int count = ::epoll_wait(epoll_.get(), room.data(), static_cast<int>(room.size()), static_cast<int>(most));
  YARD_CHECK(count >= 0 || errno == EINTR);
  return room.first(count > 0 ? static_cast<std::size_t>(count) : 0);
}

}  // namespace yard::jobs
