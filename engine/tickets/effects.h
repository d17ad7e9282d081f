// Effects: what steps asked to be done outside and nobody has reported on yet.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "engine/base/hash.h"
#include "engine/tickets/definition.h"

namespace yard::tickets {

// One effect, as its host gets it. Done again after a crash it carries the same intent and the same key.
struct Effect {
  Hash128 intent{};
  std::uint64_t event_id = 0;  // the ticket that asked
  std::uint32_t index = 0;     // among its effects
  ReducerId reducer;           // and its entity
  Bytes entity;
  Bytes kind;
  Bytes params;
  Bytes cap;
  Bytes key;  // idempotency key

  bool operator==(const Effect&) const = default;
};

// Outlives a roll back: what is outside does not go back.
//
// Threads: one.
class Effects {
 public:
  // Of two with one intent the first stays: they are the same.
  void open(Effect effect) {
    const Hash128 intent = effect.intent;
    if (open_.emplace(intent, std::move(effect)).second) new_.push_back(intent);
  }
  void close(const Hash128& intent) { open_.erase(intent); }

  [[nodiscard]] const Effect* find(const Hash128& intent) const {
    const auto found = open_.find(intent);
    return found == open_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] std::size_t size() const { return open_.size(); }
  [[nodiscard]] const std::map<Hash128, Effect>& all() const { return open_; }

  // Those that are open and have not been taken, in the order of the tickets that asked.
  [[nodiscard]] std::vector<Effect> take_new() {
    std::vector<Effect> taken;
    for (const Hash128& intent : new_)
      if (const Effect* effect = find(intent); effect != nullptr) taken.push_back(*effect);
    new_.clear();
    std::ranges::sort(taken, {}, [](const Effect& effect) { return std::pair(effect.event_id, effect.index); });
    return taken;
  }

 private:
  std::map<Hash128, Effect> open_;
  std::vector<Hash128> new_;
};

}  // namespace yard::tickets
