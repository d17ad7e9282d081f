// ReplyCache: the same mutation id gets the same answer.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "engine/base/bytes.h"
#include "engine/base/id.h"
#include "engine/base/result.h"

namespace yard::dispatch {

// Remembers the answers to mutations that make no job (a job is its own memory). Bounded by count and
// bytes; the oldest is forgotten first, and only then could a late retry act twice.
// Threads: one.
class ReplyCache {
 public:
  ReplyCache(std::size_t count_max, std::size_t bytes_max) : count_max_(count_max), bytes_max_(bytes_max) {}

  // The remembered frame (without the reply's own correlation), nothing if the id is new, or kConflict
  // if the id came with another body or from another principal.
  [[nodiscard]] Result<std::optional<BytesView>> find(std::string_view principal, const Uuid& id,
                                                      std::uint64_t digest) const;

  void put(std::string_view principal, const Uuid& id, std::uint64_t digest, BytesView reply);

  [[nodiscard]] std::size_t size() const { return answers_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Answer {
    std::string principal;
    std::uint64_t digest;
    Bytes reply;
  };
  void forget_oldest();

  std::size_t count_max_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::unordered_map<Uuid, Answer> answers_;
  std::deque<Uuid> by_age_;
};

}  // namespace yard::dispatch
