// Any bytes as the log of a folder: opened or refused, never a crash; what is opened goes on. Then the same bytes
// with their checks put right, so that the fuzzer gets behind them.
#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/little_endian.h"
#include "engine/journal/journal.h"
#include "engine/journal/memory_disk.h"
#include "engine/journal/verify.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace yard;
using namespace yard::journal;

constexpr std::uint64_t kOwner = 7;

std::size_t count_entries(Journal& journal) {
  std::size_t entries = 0;
  std::uint64_t next = 1;
  YARD_CHECK(journal.replay(1, [&](const EntryView& entry) -> Status {
    YARD_CHECK(entry.first == next);
    next += entry.count;
    ++entries;
    return {};
  }));
  return entries;
}

void open_and_go_on(BytesView log) {
  MemoryDisk disk;
  disk.put(file_name(FileKind::kSegment, 1), log);
  const VerifyReport report = verify(disk);
  auto journal = Journal::open(disk, {});
  YARD_CHECK(journal.has_value() == !report.damage.has_value());
  if (!journal) return;
  YARD_CHECK(journal->position() == report.last_position);
  const std::size_t entries = count_entries(*journal);
  YARD_CHECK(journal->append("more", 1) && journal->close());
  auto again = Journal::open(disk, {});
  YARD_CHECK(again && again->chain() == journal->chain() && count_entries(*again) == entries + 1);
}

// A header, then entries: from the input one byte each for body length, count and durable position, then the body.
Bytes with_checks(BytesView input) {
  Bytes log = encode_file_header({.position = 1, .owner = kOwner});
  std::uint64_t chain = 0;
  while (input.size() > 3) {
    const auto size = std::min<std::size_t>(static_cast<unsigned char>(input[0]), input.size() - 3);
    const EntryHead head{
        .count = static_cast<unsigned char>(input[1]), .durable = static_cast<unsigned char>(input[2]), .chain = chain};
    const std::uint64_t next = append_entry(log, head, input.substr(3, size), kOwner);
    if (head.count > 0) chain = next;
    input.remove_prefix(3 + size);
  }
  return log.append(input);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes(reinterpret_cast<const char*>(data), size);
  open_and_go_on(bytes);
  if (size < 2) return 0;
  Bytes log = with_checks(bytes.substr(2));
  open_and_go_on(log);
  // Damaged at one place, it is refused or cut.
  log[load_le<std::uint16_t>(bytes, 0) % log.size()] ^= 1;
  open_and_go_on(log);
  return 0;
}
