#include "broker/core/sessions.h"

#include "engine/base/text.h"

namespace yard::broker {
namespace {

constexpr std::size_t kClientNameMax = 64;

}  // namespace

Result<Session*> Sessions::open(Now now, std::string_view principal, std::string_view client) {
  if (sessions_.size() >= limits_.sessions_max) {
    auto error = fail(ErrorCode::kOverQuota, "all " + std::to_string(limits_.sessions_max) + " sessions are taken");
    error.error().retry_after_ms = 1'000;
    return error;
  }
  std::uint64_t id = 0;
  while (id == 0 || sessions_.contains(id)) id = random_.next();
  Session& session = sessions_[id];
  session = {.id = id,
             .principal = std::string(principal),
             .client = std::string(client.substr(0, kClientNameMax)),
             .heard = now.steady,
             .fences = {}};
  return &session;
}

Session* Sessions::touch(std::uint64_t id, Now now) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return nullptr;
  found->second.heard = now.steady;
  return &found->second;
}

std::size_t Sessions::expire(Now now) {
  return std::erase_if(sessions_,
                       [&](const auto& entry) { return now.steady - entry.second.heard > limits_.session_ttl; });
}

std::map<std::string, std::size_t> Sessions::by_client() const {
  constexpr std::size_t kNamesMax = 100;
  std::map<std::string, std::size_t> counts;
  for (const auto& [id, session] : sessions_) {
    const std::string name = printable(session.client, kClientNameMax);
    if (counts.size() < kNamesMax || counts.contains(name)) ++counts[name];
  }
  return counts;
}

}  // namespace yard::broker
