#include "engine/tickets/record.h"

#include <gtest/gtest.h>

namespace yard::tickets {
namespace {

Bytes record_bytes(const RecordHead& head, BytesView body) {
  Bytes bytes;
  append_record(bytes, head, body);
  return bytes;
}

TEST(TicketRecord, HasThePublishedBytes) {
  const Bytes bytes =
      record_bytes({.kind = RecordKind::kStepCommitted, .joined = true, .lane = 0x0203, .event_id = 0x0405}, "abc");
  EXPECT_EQ(bytes, Bytes("\x13\0\0\0\x41\x01\x03\x02\x05\x04\0\0\0\0\0\0"
                         "abc\0\0\0\0\0",
                         24));
}

TEST(TicketRecord, ComesBackAsItWasWritten) {
  Bytes bytes = record_bytes({.kind = RecordKind::kSet, .event_id = 7}, "12345678");
  append_record(bytes, {.kind = RecordKind::kSettled, .lane = 9, .event_id = 8}, "");
  BytesView rest = bytes;
  const auto first = take_record(rest);
  const auto second = take_record(rest);
  ASSERT_TRUE(first && *first && second && *second);
  EXPECT_EQ((*first)->head, (RecordHead{.kind = RecordKind::kSet, .event_id = 7}));
  EXPECT_EQ((*first)->body, "12345678");
  EXPECT_EQ((*second)->head.lane, 9);
  EXPECT_EQ((*second)->body, "");
  EXPECT_EQ(*take_record(rest), std::nullopt);
}

TEST(TicketRecord, EveryPrefixIsRefused) {
  const Bytes bytes = record_bytes({.kind = RecordKind::kEmit, .event_id = 1}, "abcde");
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    BytesView prefix = BytesView(bytes).substr(0, size);
    EXPECT_EQ(take_record(prefix).error().code, ErrorCode::kBadFrame) << size;
  }
}

TEST(TicketRecord, RefusesWhatItDoesNotKnow) {
  const Bytes good = record_bytes({.kind = RecordKind::kEmit, .event_id = 1}, "abcde");
  const auto refused = [&](std::size_t at, char byte) {
    Bytes bytes = good;
    bytes[at] = byte;
    BytesView rest = bytes;
    return !take_record(rest).has_value();
  };
  EXPECT_TRUE(refused(0, 15)) << "shorter than a head";
  EXPECT_TRUE(refused(3, 1)) << "longer than there is";
  EXPECT_TRUE(refused(4, 0)) << "kind";
  EXPECT_TRUE(refused(4, 63)) << "kind";
  EXPECT_TRUE(refused(5, 2)) << "flags";
  EXPECT_TRUE(refused(23, 1)) << "padding";
}

TEST(TicketRecord, LevelsHaveNames) {
  for (const JournalLevel level : {JournalLevel::kOff, JournalLevel::kCauses, JournalLevel::kFull})
    EXPECT_EQ(journal_level(name_of(level)), level);
  EXPECT_EQ(journal_level("most"), std::nullopt);
}

}  // namespace
}  // namespace yard::tickets
