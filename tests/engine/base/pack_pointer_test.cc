#include "engine/base/pack_pointer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"

namespace yard {
namespace {

using nlohmann::json;

// The example of RFC 6901, section 5, as far as it is not about strings in C.
TEST(PackPointer, FindsWhatTheRfcSays) {
  const json document = {{"foo", {"bar", "baz"}},
                         {"", 0},
                         {"a/b", 1},
                         {"c%d", 2},
                         {"e^f", 3},
                         {"g|h", 4},
                         {"i\\j", 5},
                         {"k\"l", 6},
                         {" ", 7},
                         {"m~n", 8}};
  const Bytes packed = pack(document);
  for (const char* pointer :
       {"", "/foo", "/foo/0", "/", "/a~1b", "/c%d", "/e^f", "/g|h", "/i\\j", "/k\"l", "/ ", "/m~0n"}) {
    const PackView found = at_pointer(PackView(packed), pointer);
    ASSERT_TRUE(found) << pointer;
    EXPECT_EQ(to_json(found), document.at(json::json_pointer(pointer))) << pointer;
  }
}

TEST(PackPointer, FindsNothingWhereNothingIs) {
  const Bytes packed = pack(json{{"list", {1, 2}}, {"text", "x"}});
  for (const char* pointer : {"/none", "/list/2", "/list/-", "/list/01", "/list/-1", "/list/0/0", "/text/0", "/list/"})
    EXPECT_FALSE(at_pointer(PackView(packed), pointer)) << pointer;
}

TEST(PackPointer, KnowsItsOwnForm) {
  for (const char* good : {"", "/", "/a/b", "/a~0b~1"}) EXPECT_TRUE(is_pointer(good)) << good;
  for (const char* bad : {"a", "a/b", "/a~", "/a~2"}) EXPECT_FALSE(is_pointer(bad)) << bad;
}

}  // namespace
}  // namespace yard
