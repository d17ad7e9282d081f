// Sessions: who is there.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>

#include "broker/core/limits.h"
#include "engine/base/clock.h"
#include "engine/base/random.h"
#include "engine/base/result.h"

namespace yard::broker {

// The one principal until keys and tokens come.
inline constexpr std::string_view kLocalPrincipal = "local";

struct Session {
  std::uint64_t id = 0;
  std::string principal;
  std::string client;                                       // what it calls itself
  SteadyTime heard{};                                       // last message
  std::unordered_map<std::uint32_t, std::uint64_t> fences;  // newest generation by control group
};

// A session is named by 64 random bits, never by a ZeroMQ routing id: those change with every
// reconnect and can be chosen by the peer.
// Threads: one.
class Sessions {
 public:
  Sessions(const Limits& limits, Random& random) : limits_(limits), random_(random) {}

  // Errors: kOverQuota when there are too many.
  [[nodiscard]] Result<Session*> open(Now now, std::string_view principal, std::string_view client);

  // Null where unknown. Marks it as heard.
  [[nodiscard]] Session* touch(std::uint64_t id, Now now);

  void close(std::uint64_t id) { sessions_.erase(id); }

  // Closes what has been silent for too long; returns how many.
  std::size_t expire(Now now);

  [[nodiscard]] std::size_t size() const { return sessions_.size(); }

  // How many sessions clients have by what they call themselves; the first hundred names.
  [[nodiscard]] std::map<std::string, std::size_t> by_client() const;

 private:
  const Limits& limits_;
  Random& random_;
  std::unordered_map<std::uint64_t, Session> sessions_;
};

}  // namespace yard::broker
