#include "tools/graph/manifest.h"

#include <gtest/gtest.h>

#include "engine/journal/memory_disk.h"

namespace yard::tools {
namespace {

const Manifest kManifest{.name = "w",
                         .principal = "local",
                         .id = *parse_uuid("00112233445566778899aabbccddeeff"),
                         .clock = WorldClock::kReal,
                         .synced = false,
                         .unloaded = true};

void write(journal::Disk& disk, std::string_view text) {
  auto file = disk.open("world.json", journal::OpenMode::kCreate);
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->write(0, text));
}

TEST(WorldManifest, IsReadAsItWasWritten) {
  journal::MemoryDisk disk;
  ASSERT_TRUE(write_manifest(disk, kManifest));
  const auto read = read_manifest(disk);
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(read->name, "w");
  EXPECT_EQ(read->principal, "local");
  EXPECT_EQ(read->id, kManifest.id);
  EXPECT_EQ(read->clock, WorldClock::kReal);
  EXPECT_FALSE(read->synced);
  EXPECT_TRUE(read->unloaded);
}

TEST(WorldManifest, IsNotThereOrDamagedOrOfAnotherVersion) {
  journal::MemoryDisk disk;
  EXPECT_EQ(read_manifest(disk).error().code, ErrorCode::kNotFound);
  for (const char* text :
       {"", "{", "[]", R"({"format": 1})", R"({"format": 1, "name": 3})",
        R"({"format":1,"name":"w","principal":"p","id":"x","clock":"real","synced":true,"unloaded":false})"}) {
    write(disk, text);
    const auto read = read_manifest(disk);
    ASSERT_FALSE(read) << text;
    EXPECT_NE(read.error().code, ErrorCode::kNotFound) << text;
  }
  write(disk, R"({"format": 2})");
  EXPECT_EQ(read_manifest(disk).error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace yard::tools
