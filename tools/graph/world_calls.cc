#include "tools/graph/world_calls.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/base/little_endian.h"
#include "engine/base/pack_json.h"

namespace yard::tools {
namespace {

constexpr Millis kRetryLeast{250};
constexpr Millis kRetryMost = std::chrono::seconds(10);

// What a node gets: the tool's result, or where it is kept, as {"result_ref": …}.
std::string text_of(const HostAnswer& answer) {
  nlohmann::json result = to_json(PackView(*answer.outcome));
  if (answer.by_reference) result = {{"result_ref", std::move(result)}};
  return result.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool may_be_made_later(const HostAnswer& answer) {
  return answer.refused && !answer.outcome && is_retryable(answer.outcome.error().code);
}

}  // namespace

Uuid job_of(const Manifest& manifest, const Hash128& intent) {
  Bytes bytes(reinterpret_cast<const char*>(manifest.id.octets.data()), manifest.id.octets.size());
  bytes += to_hex(intent);
  return *parse_uuid(to_hex(hash128(bytes)));
}

void WorldCalls::send(const graph::World& world, const Uuid& job, const Hash128& intent, bool again) const {
  const graph::OpenCall& call = world.open_calls().at(intent);
  make_call_(
      {.id = job, .principal = manifest_.principal, .tool = call.tool, .arguments = call.arguments, .again = again});
}

void WorldCalls::make(const graph::World& world, const Hash128& intent, bool again) {
  if (!world.open_calls().contains(intent)) return;  // answered by hand, or undone, meanwhile
  const Uuid job = job_of(manifest_, intent);
  made_.emplace(job, Made{.intent = intent});
  send(world, job, intent, again);
}

void WorldCalls::make_again(const graph::World& world) {
  for (const auto& [intent, call] : world.open_calls()) make(world, intent, true);
}

std::optional<graph::ReceiptCause> WorldCalls::take(HostAnswer&& answer, SteadyTime now) {
  const auto found = made_.find(answer.id);
  if (found == made_.end()) return std::nullopt;
  Made& made = found->second;
  if (may_be_made_later(answer)) {
    const Millis advised(answer.outcome.error().retry_after_ms);
    const Millis backoff = std::min(kRetryMost, kRetryLeast * (1 << std::min(made.refusals++, 6u)));
    made.retry_at = now + std::max(advised, backoff);
    return std::nullopt;
  }
  graph::ReceiptCause receipt{.intent = made.intent};
  if (answer.outcome) {
    receipt.text = text_of(answer);
  } else {
    receipt.fault = graph::FaultCode::kCallFailed;
    receipt.text = to_string(answer.outcome.error());
  }
  made_.erase(found);
  return receipt;
}

void WorldCalls::retry(const graph::World& world, SteadyTime now) {
  for (auto it = made_.begin(); it != made_.end();) {
    Made& made = it->second;
    if (made.retry_at > now) {
      ++it;
    } else if (!world.open_calls().contains(made.intent)) {
      it = made_.erase(it);
    } else {
      made.retry_at = SteadyTime::max();
      send(world, it->first, made.intent, false);
      ++it;
    }
  }
}

SteadyTime WorldCalls::next_retry() const {
  SteadyTime next = SteadyTime::max();
  for (const auto& [job, made] : made_) next = std::min(next, made.retry_at);
  return next;
}

}  // namespace yard::tools
