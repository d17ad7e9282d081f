#include "jobs/tombstones.h"

namespace yard::jobs {

void Tombstones::add(Tombstone tombstone, std::string_view tool, std::string_view principal) {
  if (count_max_ == 0) return;
  tombstone.tool = names_.intern(tool);
  tombstone.principal = names_.intern(principal);
  if (const auto known = index_.find(tombstone.id, id_at())) {
    all_[*known] = tombstone;
    return;
  }
  std::size_t place = all_.size();
  if (place < count_max_) {
    all_.push_back(tombstone);
  } else {
    place = oldest_;
    oldest_ = (oldest_ + 1) % count_max_;
    index_.erase(all_[place].id, id_at());
    all_[place] = tombstone;
  }
  index_.insert(tombstone.id, static_cast<std::uint32_t>(place), id_at());
}

const Tombstone* Tombstones::find(JobId id) const {
  if (all_.empty()) return nullptr;  // spares the search where nothing was ever dropped
  const auto found = index_.find(id, id_at());
  return found ? &all_[*found] : nullptr;
}

}  // namespace yard::jobs
