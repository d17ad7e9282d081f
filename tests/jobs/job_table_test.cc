#include "jobs/job_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "tests/support/seed.h"

namespace yard::jobs {
namespace {

// A million queued jobs are to cost what the peers' cost: less than 264 bytes each, small arguments, index and
// all. See README.md of this folder.
static_assert(sizeof(Job) <= 208);

JobOrder order_of(JobId id) {
  JobOrder order;
  order.id = id;
  order.tool = "tool";
  order.principal = "local";
  order.arguments = "\x80";
  return order;
}

TEST(JobTable, IsAMap) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE("YARD_TEST_SEED=" + std::to_string(seed));
  SeededRandom random(seed);
  JobTable table(random.next());
  std::map<JobId, Job*> model;
  std::vector<JobId> ids;
  for (int i = 0; i < 4'000; ++i) ids.emplace_back(make_uuid(random));
  for (int step = 0; step < 40'000; ++step) {
    const JobId id = ids[below(random, ids.size())];
    const auto known = model.find(id);
    ASSERT_EQ(table.find(id), known == model.end() ? nullptr : known->second);
    if (known == model.end()) {
      Job& job = table.insert(order_of(id));
      ASSERT_EQ(job.id, id);
      model.emplace(id, &job);
    } else if (below(random, 3) > 0) {
      table.erase(*known->second);
      model.erase(known);
    }
    ASSERT_EQ(table.size(), model.size());
  }
  std::size_t seen = 0;
  table.each([&](const Job& job) { seen += model.at(job.id) == &job; });
  EXPECT_EQ(seen, model.size());
}

TEST(JobTable, KeepsEqualNamesOnce) {
  SeededRandom random(1);
  JobTable table(1);
  const Job& one = table.insert(order_of(JobId(make_uuid(random))));
  const Job& two = table.insert(order_of(JobId(make_uuid(random))));
  EXPECT_EQ(one.tool, two.tool);
  EXPECT_EQ(one.tool.view().data(), two.tool.view().data());
  EXPECT_NE(one.tool, one.principal);
}

TEST(JobTable, KeepsTheOrderWithoutItsOwner) {
  JobTable table(1);
  Bytes arguments = "some arguments that outlive their frame";
  const std::vector<JobId> after = {JobId(Uuid{{7}})};
  JobOrder order = order_of(JobId(Uuid{{1}}));
  order.arguments = arguments;
  order.after = after;
  order.deadline = Millis(5);
  const Job& job = table.insert(order);
  std::ranges::fill(arguments, 'x');
  EXPECT_EQ(job.arguments.view(), "some arguments that outlive their frame");
  EXPECT_EQ(job.terms().after, after);
  EXPECT_EQ(job.terms().deadline, Millis(5));
  EXPECT_EQ(table.insert(order_of(JobId(Uuid{{2}}))).own_terms, nullptr) << "most orders have no terms of their own";
}

TEST(JobTableDeathTest, AnIdTwiceIsABug) {
  JobTable table(1);
  table.insert(order_of(JobId(Uuid{{1}})));
  EXPECT_DEATH(table.insert(order_of(JobId(Uuid{{1}}))), "check failed");
}

}  // namespace
}  // namespace yard::jobs
