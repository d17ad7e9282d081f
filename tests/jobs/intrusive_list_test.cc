#include "jobs/intrusive_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "tests/support/seed.h"

namespace yard::jobs {
namespace {

struct Other {};
struct Item : ListHook<Item>, ListHook<Item, Other> {};
using List = IntrusiveList<Item>;

std::vector<const Item*> forwards(const List& list) {
  std::vector<const Item*> items;
  for (const Item* item = list.front(); item != nullptr; item = list.after(*item)) items.push_back(item);
  return items;
}

std::vector<const Item*> backwards(const List& list) {
  std::vector<const Item*> items;
  for (const Item* item = list.back(); item != nullptr; item = list.before(*item)) items.push_back(item);
  return items;
}

TEST(IntrusiveList, IsAVectorInBothDirections) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE("YARD_TEST_SEED=" + std::to_string(seed));
  SeededRandom random(seed);
  std::array<Item, 12> items;
  List list;
  std::vector<const Item*> model;
  for (int step = 0; step < 3'000; ++step) {
    Item& item = items[below(random, items.size())];
    if (List::linked(item)) {
      list.erase(item);
      std::erase(model, &item);
    } else {
      list.push_back(item);
      model.push_back(&item);
    }
    ASSERT_EQ(forwards(list), model);
    std::vector<const Item*> reversed(model.rbegin(), model.rend());
    ASSERT_EQ(backwards(list), reversed);
    ASSERT_EQ(list.size(), model.size());
    ASSERT_EQ(list.empty(), model.empty());
  }
}

TEST(IntrusiveList, AnElementIsInOneListPerTag) {
  Item item;
  List list;
  IntrusiveList<Item, Other> other;
  list.push_back(item);
  EXPECT_FALSE((IntrusiveList<Item, Other>::linked(item)));
  other.push_back(item);
  list.erase(item);
  EXPECT_FALSE(List::linked(item));
  EXPECT_EQ(other.front(), &item);
}

TEST(IntrusiveListDeathTest, TwiceInOneListIsABug) {
  Item item;
  List list;
  EXPECT_DEATH(list.erase(item), "check failed");
  list.push_back(item);
  EXPECT_DEATH(list.push_back(item), "check failed");
}

}  // namespace
}  // namespace yard::jobs
