#include "engine/journal/format.h"

#include <gtest/gtest.h>

#include "engine/base/hash.h"
#include "engine/base/little_endian.h"
#include "tests/engine/journal/support.h"
#include "tests/support/hex.h"

namespace yard::journal {
namespace {

// The whole of a small journal, as FORMAT.md says it: two entries and the seal.
TEST(JournalFormat, HasTheBytesItSays) {
  MemoryDisk disk;
  Journal journal = opened(disk, {.owner = 0x1122334455667788});
  put(journal, "first");
  ASSERT_TRUE(journal.append("two here", 2).has_value());
  ASSERT_TRUE(journal.close().has_value());
  EXPECT_EQ(hex(disk.content("log-0000000000000001")),
            "594152444c4f4731"
            "01000000"
            "00000000"
            "0100000000000000"
            "0000000000000000"
            "8877665544332211"
            "00000000000000000000000000000000"
            "f9cd1b0b04c50ac4"
            "59454e54"
            "05000000"
            "01000000"
            "c79b9d5c"
            "0000000000000000"
            "c34bd70e7207f8de"
            "6669727374000000"
            "59454e54"
            "08000000"
            "02000000"
            "fa71c407"
            "0100000000000000"
            "4830c6dc886f64c8"
            "74776f2068657265"
            "59454e54"
            "00000000"
            "00000000"
            "bf891bdd"
            "0300000000000000"
            "68e90620a0dadf2f");
}

TEST(JournalFormat, ASnapshotHasTheBytesItSays) {
  MemoryDisk disk;
  Journal journal = opened(disk, {.owner = 7});
  put(journal, "a");
  ASSERT_TRUE(take_snapshot(journal, 1, "state").has_value());
  EXPECT_EQ(hex(disk.content("snapshot-0000000000000001")),
            "59415244534e5031"
            "01000000"
            "00000000"
            "0100000000000000"
            "e8684f91f424ad59"
            "0700000000000000"
            "00000000000000000000000000000000"
            "09d77c911d74f764"
            "59454e54"
            "05000000"
            "01000000"
            "af23cf3c"
            "0100000000000000"
            "330d1089c660e75b"
            "7374617465000000"
            "59454e54"
            "00000000"
            "00000000"
            "c2d3ce3a"
            "0100000000000000"
            "e3d61ffed77f3799");
}

// The chain in words: XXH3 of the whole entry with check and chain zeroed, seeded with the chain before.
TEST(JournalFormat, TheChainIsWhatThePageSays) {
  Bytes entry;
  const std::uint64_t chain = append_entry(entry, {.count = 1, .durable = 3, .chain = 99}, "body", kOwner);
  ASSERT_EQ(entry.size(), 40u);
  EXPECT_EQ(load_le<std::uint64_t>(entry, 24), chain);
  EXPECT_EQ(entry_chain(entry.data(), entry.size(), 99), chain);
  Bytes zeroed = entry;
  store_le(zeroed.data() + 12, std::uint32_t{0});
  const auto check = static_cast<std::uint32_t>(hash64(BytesView(zeroed).substr(0, 32), kOwner));
  EXPECT_EQ(load_le<std::uint32_t>(entry, 12), check);
  store_le(zeroed.data() + 24, std::uint64_t{0});
  EXPECT_EQ(hash64(zeroed, 99), chain);
}

TEST(JournalFormat, AHeaderComesBack) {
  const FileHeader header{.kind = FileKind::kSnapshot, .position = 1, .chain = 2, .owner = 3};
  const auto again = decode_file_header(encode_file_header(header));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(*again, header);
}

TEST(JournalFormat, EveryFlippedByteOfAHeaderIsRefused) {
  const Bytes good = encode_file_header({.position = 1, .chain = 2, .owner = 3});
  for (std::size_t at = 0; at < good.size(); ++at) {
    Bytes bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    const auto header = decode_file_header(bad);
    ASSERT_FALSE(header.has_value()) << at;
    EXPECT_EQ(header.error().code, ErrorCode::kBadFrame);
    EXPECT_FALSE(decode_file_header(BytesView(good).substr(0, at)).has_value());
  }
}

TEST(JournalFormat, AnotherVersionIsUnsupportedAndNotDamaged) {
  for (const std::size_t at : {8u, 12u}) {
    Bytes newer = encode_file_header({.position = 1});
    newer[at] = 2;
    store_le(newer.data() + 56, hash64(BytesView(newer).substr(0, 56)));
    const auto header = decode_file_header(newer);
    ASSERT_FALSE(header.has_value());
    EXPECT_EQ(header.error().code, ErrorCode::kUnsupported);
  }
}

TEST(JournalFormat, AHeadOfAnotherOwnerIsNone) {
  Bytes entry;
  append_entry(entry, {.count = 1, .durable = 7}, "body", kOwner);
  ASSERT_TRUE(decode_entry_head(entry, kOwner).has_value());
  EXPECT_EQ(decode_entry_head(entry, kOwner)->durable, 7u);
  EXPECT_FALSE(decode_entry_head(entry, kOwner + 1).has_value());
  EXPECT_FALSE(decode_entry_head(BytesView(entry).substr(0, 31), kOwner).has_value());
}

TEST(JournalFormat, NamesComeBackAndOnlyInOneSpelling) {
  EXPECT_EQ(file_name(FileKind::kSegment, 0x1F), "log-000000000000001f");
  EXPECT_EQ(temporary_name(FileKind::kSnapshot, UINT64_MAX), "snapshot-ffffffffffffffff.tmp");
  const auto name = parse_file_name("snapshot-ffffffffffffffff.tmp");
  ASSERT_TRUE(name.has_value());
  EXPECT_EQ(name->kind, FileKind::kSnapshot);
  EXPECT_EQ(name->position, UINT64_MAX);
  EXPECT_TRUE(name->temporary);
  for (const char* other :
       {"LOCK", "log-", "log-1", "log-000000000000001F", "log-000000000000001f0", "log-0000000000000-1f",
        "log-000000000000001f.tmp.tmp", "snapshot-.tmp", "alog-000000000000001f", ""}) {
    EXPECT_FALSE(parse_file_name(other).has_value()) << other;
  }
}

}  // namespace
}  // namespace yard::journal
