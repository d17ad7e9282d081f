// PackSequence: packed values read one after the other, as a snapshot has them.
#pragma once

#include <cstdint>

#include "engine/base/pack.h"
#include "engine/base/result.h"

namespace yard::tickets {

// Whatever is not there, or of another type, reads as nothing, and so does all behind it: ask ok() before anything of
// it is used, and in every loop over a count.
class PackSequence {
 public:
  explicit PackSequence(BytesView bytes) : cursor_(bytes) {}

  [[nodiscard]] std::uint64_t natural() { return next(PackType::kInteger).natural; }
  [[nodiscard]] bool boolean() { return next(PackType::kBoolean).boolean; }
  [[nodiscard]] BytesView binary() { return next(PackType::kBinary).bytes; }  // borrows

  // A natural below `bound`.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) {
    const std::uint64_t value = natural();
    ok_ = ok_ && value < bound;
    return ok_ ? value : 0;
  }

  void refuse() { ok_ = false; }
  [[nodiscard]] bool ok() const { return ok_; }

  // Nothing was wrong and nothing is left.
  [[nodiscard]] Status finish(std::string_view what) const {
    if (ok_ && cursor_.done()) return {};
    return fail(ErrorCode::kBadFrame, std::string(what) + ": byte " + std::to_string(cursor_.at()));
  }

 private:
  PackToken next(PackType type) {
    PackToken token;
    ok_ = ok_ && cursor_.next(token) && token.type == type;
    return ok_ ? token : PackToken();
  }

  PackCursor cursor_;
  bool ok_ = true;
};

}  // namespace yard::tickets
