#include <gmock/gmock.h>

#include "engine/journal/memory_disk.h"
#include "engine/journal/posix_disk.h"
#include "tests/engine/journal/support.h"
#include "tests/support/temp_dir.h"

namespace yard::journal {
namespace {

// ---- both

void behaves_as_a_folder(Disk& disk) {
  {
    const auto file = *disk.open("a", OpenMode::kCreate);
    ASSERT_TRUE(file->write(0, "hello").has_value());
    ASSERT_TRUE(file->write(8, "there").has_value());
    char bytes[20];
    EXPECT_EQ(*file->read(0, bytes), 13u);
    EXPECT_EQ(BytesView(bytes, 13), BytesView("hello\0\0\0there", 13));
    EXPECT_EQ(*file->read(13, bytes), 0u);
    ASSERT_TRUE(file->truncate(2).has_value());
    ASSERT_TRUE(file->preallocate(4).has_value());
    EXPECT_EQ(*file->read(0, bytes), 4u);
    EXPECT_EQ(BytesView(bytes, 4), BytesView("he\0\0", 4));
    ASSERT_TRUE(file->preallocate(3).has_value());
    EXPECT_EQ(*file->size(), 4u) << "never shorter";
    EXPECT_TRUE(file->sync().has_value());
  }
  ASSERT_TRUE(disk.open("b", OpenMode::kCreate).has_value());
  ASSERT_TRUE(disk.rename("a", "b").has_value());
  EXPECT_EQ(*(*disk.open("b", OpenMode::kRead))->size(), 4u);
  EXPECT_THAT(*disk.list(), ::testing::Contains("b"));
  EXPECT_THAT(*disk.list(), ::testing::Not(::testing::Contains("a")));
  EXPECT_EQ(*(*disk.open("b", OpenMode::kCreate))->size(), 0u) << "begins empty";
  ASSERT_TRUE(disk.remove("b").has_value());
  EXPECT_TRUE(disk.sync_dir().has_value());
  for (const OpenMode mode : {OpenMode::kRead, OpenMode::kReadWrite}) {
    const auto gone = disk.open("b", mode);
    ASSERT_FALSE(gone.has_value());
    EXPECT_EQ(gone.error().kind, DiskError::kNotFound);
  }
  EXPECT_EQ(disk.remove("b").error().kind, DiskError::kNotFound);
  EXPECT_EQ(disk.rename("b", "a").error().kind, DiskError::kNotFound);
}

TEST(MemoryDisk, BehavesAsAFolder) {
  MemoryDisk disk;
  behaves_as_a_folder(disk);
}

TEST(PosixDisk, BehavesAsAFolder) {
  const testing::TempDir folder;
  const auto disk = PosixDisk::open(folder.path(), PosixDisk::Access::kWrite);
  ASSERT_TRUE(disk.has_value()) << to_string(disk.error());
  behaves_as_a_folder(**disk);
}

// ---- in memory

TEST(MemoryDisk, ACrashKeepsWhatWasSyncedAndSomeSectorsOfTheRest) {
  bool torn = false;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    MemoryDisk disk;
    const auto file = *disk.open("f", OpenMode::kCreate);
    ASSERT_TRUE(disk.sync_dir().has_value());
    ASSERT_TRUE(file->write(0, Bytes(100, 's')).has_value());
    ASSERT_TRUE(file->sync().has_value());
    ASSERT_TRUE(file->write(100, Bytes(2'000, 'u')).has_value());
    SeededRandom random(seed);
    disk.crash(random);
    const Bytes left = disk.content("f");
    EXPECT_EQ(left.substr(0, 100), Bytes(100, 's'));
    for (std::size_t at = 512; at < left.size(); ++at) {
      if (at % MemoryDisk::kSectorBytes != 0) EXPECT_EQ(left[at], left[at - 1]);
      torn |= left[at] != left[at - 1];
    }
    ASSERT_TRUE(file->write(0, "ghost").has_value());
    EXPECT_EQ(disk.content("f"), left) << "a file from before the crash writes to nowhere";
  }
  EXPECT_TRUE(torn);
}

TEST(MemoryDisk, NamesSurviveOnlyIfTheFolderWasSynced) {
  int survived = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    MemoryDisk disk;
    ASSERT_TRUE((*disk.open("a", OpenMode::kCreate))->sync().has_value());
    ASSERT_TRUE(disk.sync_dir().has_value());
    ASSERT_TRUE(disk.rename("a", "b").has_value());
    SeededRandom random(seed);
    disk.crash(random);
    const auto names = *disk.list();
    ASSERT_EQ(names.size(), 1u) << "one or the other";
    survived += names[0] == "b";
  }
  EXPECT_GT(survived, 10);
  EXPECT_LT(survived, 90);
}

TEST(MemoryDisk, IsFullAfterItsCapacity) {
  MemoryDisk disk;
  disk.set_capacity(10);
  const auto file = *disk.open("f", OpenMode::kCreate);
  const DiskStatus status = file->write(0, "0123456789abc");
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().kind, DiskError::kFull);
  EXPECT_EQ(disk.content("f"), "0123456789");
  EXPECT_TRUE(file->write(5, "xxxxx").has_value()) << "overwriting needs no room";
  EXPECT_FALSE(file->preallocate(11).has_value());
}

// ---- on disk

TEST(PosixDisk, ASecondOpenerIsRefusedByName) {
  const testing::TempDir folder;
  {
    const auto first = PosixDisk::open(folder.path(), PosixDisk::Access::kWrite);
    ASSERT_TRUE(first.has_value());
    for (const auto access : {PosixDisk::Access::kWrite, PosixDisk::Access::kRead}) {
      const auto second = PosixDisk::open(folder.path(), access);
      ASSERT_FALSE(second.has_value());
      EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
      EXPECT_THAT(second.error().message, ::testing::HasSubstr(folder.path().string()));
    }
  }
  EXPECT_TRUE(PosixDisk::open(folder.path(), PosixDisk::Access::kWrite).has_value()) << "free again";
}

TEST(PosixDisk, ReadersShareAndNeedNoLockFile) {
  const testing::TempDir folder;
  ASSERT_TRUE(PosixDisk::open(folder.path(), PosixDisk::Access::kRead).has_value());
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "LOCK")) << "nothing was written";
  ASSERT_TRUE(PosixDisk::open(folder.path(), PosixDisk::Access::kWrite).has_value());
  const auto one = PosixDisk::open(folder.path(), PosixDisk::Access::kRead);
  EXPECT_TRUE(PosixDisk::open(folder.path(), PosixDisk::Access::kRead).has_value());
  EXPECT_FALSE(PosixDisk::open(folder.path(), PosixDisk::Access::kWrite).has_value());
}

TEST(PosixDisk, AMissingFolderIsNotFound) {
  const auto disk = PosixDisk::open("/nowhere/at/all", PosixDisk::Access::kWrite);
  ASSERT_FALSE(disk.has_value());
  EXPECT_EQ(disk.error().code, ErrorCode::kNotFound);
}

TEST(PosixDisk, KnowsNetworkFileSystems) {
  EXPECT_EQ(network_file_system(0x6969), "NFS");
  EXPECT_EQ(network_file_system(0xFE534D42), "SMB2");
  EXPECT_EQ(network_file_system(0x65735546), "FUSE");
  for (const std::uint32_t local :
       {0xEF53u /* ext4 */, 0x58465342u /* xfs */, 0x9123683Eu /* btrfs */, 0x01021994u /* tmpfs */}) {
    EXPECT_FALSE(network_file_system(local).has_value());
  }
}

TEST(PosixDisk, AJournalOnItComesBack) {
  const testing::TempDir folder;
  const JournalOptions options{.segment_bytes = 300, .preallocate = true, .owner = kOwner};
  for (std::uint64_t life = 0; life < 5; ++life) {
    const auto disk = PosixDisk::open(folder.path(), PosixDisk::Access::kWrite);
    ASSERT_TRUE(disk.has_value());
    Journal journal = opened(**disk, options);
    ASSERT_EQ(journal.position(), life * 10);
    for (int i = 0; i < 10; ++i) put(journal, "body");
    if (life == 2) ASSERT_TRUE(take_snapshot(journal, 25, "state").has_value());
    if (life % 2 == 0) ASSERT_TRUE(journal.close().has_value());
  }
  const auto disk = PosixDisk::open(folder.path(), PosixDisk::Access::kRead);
  ASSERT_TRUE(disk.has_value());
  Journal journal = opened(**disk, {.read_only = true});
  EXPECT_EQ(snapshot_text(journal), "state");
  EXPECT_EQ(bodies(journal, 26).size(), 25u);
}

}  // namespace
}  // namespace yard::journal
