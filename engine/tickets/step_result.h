// StepResult: what one step read, and all that it wants to happen.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/hash.h"
#include "engine/base/result.h"
#include "engine/tickets/entity_table.h"

namespace yard::tickets {

// Written by the worker that computes the step, read by the committer. Kept from batch to batch, so that steps of a
// usual size take nothing from the heap for it.
struct StepResult {
  struct Read {
    Slot slot = kNoSlot;
    std::uint64_t version = 0;
  };
  // A piece of `bytes`.
  struct Piece {
    std::uint32_t at = 0;
    std::uint32_t size = 0;
  };
  struct Write {
    Slot slot = kNoSlot;
    Piece value;
  };
  struct Emit {
    ReducerId reducer;
    Slot slot = kNoSlot;  // kNoSlot: there was none when the batch began
    Piece key;
    Piece payload;
    std::uint8_t priority = 0;
  };
  struct Effect {
    Hash128 intent{};
    Piece kind;
    Piece params;
    Piece cap;
    Piece key;  // idempotency key
  };
  struct Request {
    BudgetId budget;
    std::uint64_t amount = 0;
    bool granted = false;
  };

  std::uint64_t seed = 0;
  Status status;
  bool ended = false;
  std::vector<Read> reads;
  std::vector<Write> writes;
  std::vector<Emit> emits;
  std::vector<Effect> effects;
  std::vector<Request> requests;
  Bytes bytes;

  [[nodiscard]] BytesView view(Piece piece) const { return BytesView(bytes).substr(piece.at, piece.size); }
  [[nodiscard]] Piece keep(BytesView piece) {
    const Piece kept{.at = static_cast<std::uint32_t>(bytes.size()), .size = static_cast<std::uint32_t>(piece.size())};
    bytes.append(piece);
    return kept;
  }

  void clear() {
    seed = 0;
    status = {};
    ended = false;
    reads.clear();
    writes.clear();
    emits.clear();
    effects.clear();
    requests.clear();
    bytes.clear();
  }
};

}  // namespace yard::tickets
