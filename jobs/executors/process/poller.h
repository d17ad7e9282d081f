// Poller: one thread's epoll.
#pragma once

#include <sys/epoll.h>

#include <chrono>
#include <cstdint>
#include <span>

#include "engine/base/fd.h"

namespace yard::jobs {

// Level-triggered. What is watched must be unwatched before it is closed: a copy of the descriptor that
// lives on in some forked process would keep the entry alive, beyond reach.
// Threads: one.
class Poller {
 public:
  // Throws std::system_error: a process that has no descriptor left at its start can't start.
  Poller();

  // `what`: EPOLLIN or EPOLLOUT; the ends of a pipe and errors come unasked. `key` comes back with the event.
  // False where the kernel has no room for it.
  [[nodiscard]] bool watch(const Fd& fd, std::uint32_t what, std::uint64_t key);

  // What is watched goes quiet, until resume(). The end of a pipe may still come, once.
  void pause(const Fd& fd, std::uint64_t key);
  void resume(const Fd& fd, std::uint32_t what, std::uint64_t key);

  void unwatch(const Fd& fd);

  // Waits for at most `timeout`, forever if negative. The events that came, in `room`.
  [[nodiscard]] std::span<const epoll_event> wait(std::span<epoll_event> room, std::chrono::milliseconds timeout);

 private:
  void change(const Fd& fd, std::uint32_t what, std::uint64_t key);

  Fd epoll_;
};

}  // namespace yard::jobs
