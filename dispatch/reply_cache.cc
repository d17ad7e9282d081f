#include "dispatch/reply_cache.h"

namespace yard::dispatch {

Result<std::optional<BytesView>> ReplyCache::find(std::string_view principal, const Uuid& id,
                                                  std::uint64_t digest) const {
  const auto found = answers_.find(id);
  if (found == answers_.end()) return std::optional<BytesView>{};
  if (found->second.digest != digest || found->second.principal != principal) {
    return fail(ErrorCode::kConflict, "id " + to_hex(id) + " was used before with another body; make a new id");
  }
  return std::optional<BytesView>(found->second.reply);
}

void ReplyCache::put(std::string_view principal, const Uuid& id, std::uint64_t digest, BytesView reply) {
  if (reply.size() > bytes_max_) return;
  while (!by_age_.empty() && (answers_.size() >= count_max_ || bytes_ + reply.size() > bytes_max_)) forget_oldest();
  const auto [at, fresh] = answers_.try_emplace(id, Answer{std::string(principal), digest, Bytes(reply)});
  if (!fresh) return;
  bytes_ += reply.size();
  by_age_.push_back(id);
}

void ReplyCache::forget_oldest() {
  const auto found = answers_.find(by_age_.front());
  bytes_ -= found->second.reply.size();
  answers_.erase(found);
  by_age_.pop_front();
}

}  // namespace yard::dispatch
