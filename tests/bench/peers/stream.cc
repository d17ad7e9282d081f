#include "tests/bench/peers/stream.h"

#include <sys/socket.h>

#include "engine/base/check.h"

namespace yard::bench {
namespace {

constexpr std::size_t kReadBytes = std::size_t{64} << 10;
constexpr std::string_view kLineEnd = "\r\n";

}  // namespace

void Stream::flush() {
  for (BytesView rest = out_; !rest.empty();) {
    const ssize_t sent = ::send(fd_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent <= 0) break;  // it has ended: who reads will see
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  out_.clear();
}

std::optional<BytesView> Stream::line() {
  std::size_t end = 0;
  while ((end = in_.find(kLineEnd, at_)) == Bytes::npos) {
    if (!fill()) return std::nullopt;
  }
  return take(end - at_, kLineEnd.size());
}

std::optional<BytesView> Stream::exactly(std::size_t size) {
  while (in_.size() - at_ < size) {
    if (!fill()) return std::nullopt;
  }
  return take(size, 0);
}

void Stream::end() { ::shutdown(fd_.get(), SHUT_RDWR); }

bool Stream::fill() {
  flush();
  in_.erase(0, at_);
  at_ = 0;
  const std::size_t before = in_.size();
  in_.resize(before + kReadBytes);
  const ssize_t got = ::recv(fd_.get(), in_.data() + before, kReadBytes, 0);
  in_.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
  return got > 0;
}

BytesView Stream::take(std::size_t size, std::size_t drop) {
  const BytesView taken(in_.data() + at_, size);
  at_ += size + drop;
  return taken;
}

}  // namespace yard::bench
