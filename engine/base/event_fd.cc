#include "engine/base/event_fd.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include "engine/base/check.h"

namespace yard {

EventFd::EventFd() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) { YARD_CHECK(fd_ >= 0); }

EventFd::~EventFd() { close(fd_); }

void EventFd::signal() const {
  // It can only fail by overflow, and then it is readable anyway.
  (void)eventfd_write(fd_, 1);
}

void EventFd::clear() const {
  eventfd_t count = 0;
  (void)eventfd_read(fd_, &count);
}

}  // namespace yard
