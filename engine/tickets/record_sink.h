// RecordSink: where a ledger's records go, a journal or a replay that compares them.
#pragma once

#include <cstdint>

#include "engine/base/result.h"
#include "engine/journal/journal.h"

namespace yard::tickets {

class RecordSink {
 public:
  virtual ~RecordSink() = default;

  // Takes `count` records that belong together.
  [[nodiscard]] virtual Status append(BytesView records, std::uint32_t count) = 0;
};

// Appends to `journal`, which must outlive it; an entry each time.
class JournalSink final : public RecordSink {
 public:
  explicit JournalSink(journal::Journal& journal) : journal_(journal) {}

  [[nodiscard]] Status append(BytesView records, std::uint32_t count) override {
    const journal::DiskStatus status = journal_.append(records, count);
    return status ? Status() : Status(std::unexpected(journal::to_error(status.error())));
  }

 private:
  journal::Journal& journal_;
};

}  // namespace yard::tickets
