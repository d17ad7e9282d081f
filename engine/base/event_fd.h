// EventFd: wakes a poll loop from another thread.
#pragma once

namespace yard {

// Threads: any.
class EventFd {
 public:
  EventFd();
  ~EventFd();
  EventFd(const EventFd&) = delete;
  EventFd& operator=(const EventFd&) = delete;

  // Readable while a signal() has not been cleared.
  [[nodiscard]] int fd() const { return fd_; }

  void signal() const;
  void clear() const;

 private:
  int fd_;
};

}  // namespace yard
