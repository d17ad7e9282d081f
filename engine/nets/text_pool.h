// TextPool: agents' values that are texts, each kept once, so that a value is a cell and equal values are equal cells.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/base/result.h"
#include "engine/graph/cell.h"
#include "engine/nets/limits.h"

namespace yard::nets {

// Texts stay until the pool goes: cells in snapshots refer to them.
//
// Threads: intern() while nobody else looks; view() on any.
class TextPool {
 public:
  // Errors: kTooLarge for a text beyond kTextBytesMax, or the one after kTextsMax.
  [[nodiscard]] Result<graph::Cell> intern(std::string_view text) {
    if (const auto found = places_.find(std::string(text)); found != places_.end()) return cell(found->second);
    if (text.size() > kTextBytesMax || texts_.size() >= kTextsMax)
      return fail(ErrorCode::kTooLarge, "a net's texts are too long, or too many");
    texts_.emplace_back(text);
    places_.emplace(texts_.back(), texts_.size() - 1);
    return cell(texts_.size() - 1);
  }
  [[nodiscard]] std::string_view view(graph::Cell cell) const { return texts_[cell.bits()]; }

 private:
  static graph::Cell cell(std::size_t place) { return graph::Cell::from_bits(place); }

  std::vector<std::string> texts_;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace yard::nets
