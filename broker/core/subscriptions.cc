#include "broker/core/subscriptions.h"

namespace yard::broker {
namespace {

std::size_t initial_of(std::string_view prefix) { return static_cast<unsigned char>(prefix[0]); }

}  // namespace

void Subscriptions::add(std::string_view prefix) {
  if (count_ >= count_max_) {
    overflown_ = true;
    return;
  }
  if (!by_length_[prefix.size()].emplace(prefix).second) return;
  ++count_;
  if (!prefix.empty()) ++by_initial_[initial_of(prefix)];
}

void Subscriptions::remove(std::string_view prefix) {
  const auto bucket = by_length_.find(prefix.size());
  if (bucket == by_length_.end()) return;
  const auto found = bucket->second.find(prefix);
  if (found == bucket->second.end()) return;
  bucket->second.erase(found);
  if (bucket->second.empty()) by_length_.erase(bucket);
  --count_;
  if (!prefix.empty()) --by_initial_[initial_of(prefix)];
}

bool Subscriptions::wanted(std::string_view topic) const {
  if (overflown_) return true;
  for (const auto& [length, prefixes] : by_length_) {
    if (length > topic.size()) return false;
    if (prefixes.contains(topic.substr(0, length))) return true;
  }
  return false;
}

bool Subscriptions::any(char initial) const {
  return overflown_ || by_length_.contains(0) || by_initial_[static_cast<unsigned char>(initial)] > 0;
}

}  // namespace yard::broker
