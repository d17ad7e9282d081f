#include "broker/poller.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>

#include "engine/base/check.h"

namespace yard::broker {

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)) { YARD_CHECK(epoll_ >= 0); }

Poller::~Poller() { close(epoll_); }

void Poller::add(int fd) {
  epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
  YARD_CHECK(epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0);
}

void Poller::remove(int fd) { YARD_CHECK(epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr) == 0); }

void Poller::wait(Nanos timeout) {
  std::array<epoll_event, kReadyMax> events{};
  const auto milliseconds = std::chrono::ceil<Millis>(timeout).count();
  ready_count_ = std::max(0, epoll_wait(epoll_, events.data(), kReadyMax, static_cast<int>(milliseconds)));
  for (int i = 0; i < ready_count_; ++i) {
    ready_[static_cast<std::size_t>(i)] = events[static_cast<std::size_t>(i)].data.fd;
  }
}

bool Poller::ready(int fd) const {
  return std::find(ready_.begin(), ready_.begin() + ready_count_, fd) != ready_.begin() + ready_count_;
}

}  // namespace yard::broker
