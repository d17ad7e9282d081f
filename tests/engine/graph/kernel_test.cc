// What the template makes of a function: change, faults, states, events. On cells, without an image.
#include "engine/graph/kernel.h"

#include <gtest/gtest.h>

#include <limits>

namespace yard::graph {
namespace {

struct NoHost final : Host {
  void wake(std::uint32_t, std::int64_t) override {}
  void effect(std::uint32_t, std::string_view, DataType, Cell) override {}
  void breach(std::uint32_t, std::string_view, bool) override {}
};

// Nodes of one kernel in a row: node i puts out cell i, and reads what `drivers` says from i * inputs on.
struct Row {
  Row(Kernel of, std::uint32_t nodes, std::vector<std::uint32_t> driven_by, std::uint32_t all_cells)
      : kernel(std::move(of)), count(nodes), drivers(std::move(driven_by)) {
    const auto inputs = static_cast<std::uint32_t>(drivers.size()) / nodes;
    for (std::uint32_t i = 0; i <= nodes; ++i) {
      in_first.push_back(i * inputs);
      out_cell.push_back(i);
      extra.push_back(i);
      extras.push_back({i * kernel.state_words, 0});
    }
    cells.values.resize(all_cells);
    cells.marks.resize(all_cells);
    cells.state.resize(nodes * kernel.state_words);
  }
  [[nodiscard]] Frame frame() {
    return {{in_first.data(), drivers.data(), out_cell.data(), extra.data(), extras.data(), nullptr}, cells, host};
  }
  std::uint32_t run() {
    const std::uint32_t ran = kernel.run_many(frame(), 0, count);
    return ran;
  }
  template <typename T>
  T get(std::uint32_t cell) {
    return cells.values[cell].get<T>();
  }

  Kernel kernel;
  std::uint32_t count;
  std::vector<std::uint32_t> drivers, in_first, out_cell, extra;
  std::vector<NodeExtra> extras;
  Cells cells;
  NoHost host;
};

struct Step {
  double operator()(double a, double b) const { return 1 + a + 2 * b; }
};

TEST(Kernel, RunsAChainInOneSweep) {
  Row row(make_kernel<Step>(), 3, {3, 3, 0, 3, 1, 3}, 4);
  row.cells.put(3, Cell(1.0));
  EXPECT_EQ(row.run(), 3u);
  EXPECT_EQ(row.get<double>(0), 4);
  EXPECT_EQ(row.get<double>(2), 1 + (1 + 4 + 2) + 2);
}

TEST(Kernel, RunsOnlyWhatAnInputHasChangedFor) {
  Row row(make_kernel<Step>(), 3, {3, 3, 4, 4, 1, 1}, 5);
  row.cells.put(4, Cell(2.0));
  EXPECT_EQ(row.run(), 2u);
  row.cells.settle();
  EXPECT_EQ(row.run(), 0u);
  EXPECT_FALSE(row.cells.put(4, Cell(2.0))) << "equal to before";
  EXPECT_EQ(row.run(), 0u);
}

TEST(Kernel, AnEqualResultIsNoChange) {
  struct Sign {
    bool operator()(double x) const { return x < 0; }
  };
  Row row(make_kernel<Sign>(), 1, {1}, 2);
  row.cells.put(1, Cell(5.0));
  EXPECT_FALSE(row.kernel.run_one(row.frame(), 0));
  row.cells.put(1, Cell(-5.0));
  EXPECT_TRUE(row.kernel.run_one(row.frame(), 0));
  EXPECT_TRUE(row.cells.marks[0] & kChanged);
}

TEST(Kernel, NanEqualsNanAndMinusZeroDiffersFromZero) {
  struct Same {
    double operator()(double x) const { return x; }
  };
  Row row(make_kernel<Same>(), 1, {1}, 2);
  row.cells.put(1, Cell(std::numeric_limits<double>::quiet_NaN()));
  EXPECT_TRUE(row.kernel.run_one(row.frame(), 0));
  row.cells.put(1, Cell(-std::numeric_limits<double>::signaling_NaN()));
  EXPECT_FALSE(row.kernel.run_one(row.frame(), 0));
  row.cells.put(1, Cell(0.0));
  EXPECT_TRUE(row.kernel.run_one(row.frame(), 0));
  row.cells.put(1, Cell(-0.0));
  EXPECT_TRUE(row.kernel.run_one(row.frame(), 0));
}

struct Half {
  OrFault<std::int64_t> operator()(std::int64_t x) const {
    if (x % 2 != 0) return fault(FaultCode::kBadInput, "odd");
    return x / 2;
  }
};

TEST(Kernel, AFaultIsHandedOnWithoutRunningAndHeals) {
  Row row(make_kernel<Half>(), 3, {3, 0, 1}, 4);
  row.cells.put(3, Cell(std::int64_t{6}));
  row.run();
  EXPECT_EQ(row.cells.faults.at(1), (Fault{FaultCode::kBadInput, "odd"}));
  EXPECT_EQ(row.cells.faults.at(2), row.cells.faults.at(1));
  row.cells.settle();
  row.cells.put(3, Cell(std::int64_t{16}));
  EXPECT_EQ(row.run(), 3u);
  EXPECT_EQ(row.get<std::int64_t>(2), 2);
  for (const Mark mark : row.cells.marks) EXPECT_EQ(mark & kFaulty, 0);
}

TEST(Kernel, TheSameFaultAgainIsNoChangeAndTheSameValueAfterItIsOne) {
  Row row(make_kernel<Half>(), 1, {1}, 2);
  row.cells.put(1, Cell(std::int64_t{2}));
  row.run();
  row.cells.put(1, Cell(std::int64_t{3}));
  EXPECT_TRUE(row.kernel.run_one(row.frame(), 0));
  row.cells.put(1, Cell(std::int64_t{5}));
  EXPECT_FALSE(row.kernel.run_one(row.frame(), 0));
  row.cells.put(1, Cell(std::int64_t{2}));
  EXPECT_TRUE(row.kernel.run_one(row.frame(), 0));
}

TEST(Kernel, EachNodeHasAStateOfItsOwn) {
  struct Total {
    struct State {
      double sum;
    };
    double operator()(State& state, double x) const { return state.sum += x; }
  };
  Row row(make_kernel<Total>(), 2, {2, 3}, 4);
  for (int i = 0; i < 3; ++i) {
    row.cells.put(2, Cell(i + 1.0));
    row.cells.put(3, Cell(i + 10.0));
    row.run();
    row.cells.settle();
  }
  EXPECT_EQ(row.get<double>(0), 6);
  EXPECT_EQ(row.get<double>(1), 33);
}

struct Twice {
  void operator()(Events<double> events, Emit<double> emit) const {
    for (std::size_t i = 0; i < events.size(); ++i) {
      emit(events[i]);
      emit(events[i]);
    }
  }
};

TEST(Kernel, EventsAreCountedEvenIfTheyAreEqual) {
  Row row(make_kernel<Twice>(), 2, {2, 0}, 3);
  for (Mark& mark : row.cells.marks) mark = kEvent;
  row.cells.emit(2, Cell(1.0));
  EXPECT_EQ(row.run(), 2u);
  EXPECT_EQ(row.cells.events.at(1).size(), 4u);
  row.cells.settle();
  EXPECT_EQ(row.run(), 0u);
  row.cells.emit(2, Cell(1.0));
  EXPECT_EQ(row.run(), 2u) << "the same value as before";
}

TEST(Kernel, ALevelIsAnEventWhenItChanges) {
  Row row(make_kernel<Twice>(), 1, {1}, 2);
  row.cells.marks[0] = kEvent;
  row.cells.put(1, Cell(3.0));
  EXPECT_EQ(row.run(), 1u);
  EXPECT_EQ(row.cells.events.at(0).size(), 2u);
}

TEST(Kernel, KnowsItsPortsFromItsFunction) {
  struct Mixed {
    OrFault<std::tuple<bool, double>> operator()(std::int64_t, In<DataType::kJson>, Many<double>) const {
      return std::tuple(true, 1.0);
    }
  };
  const Kernel kernel = make_kernel<Mixed>();
  EXPECT_EQ(kernel.inputs, (std::vector<PortType>{{DataType::kInt64}, {DataType::kJson}, {DataType::kDouble}}));
  EXPECT_EQ(kernel.outputs, (std::vector<PortType>{{DataType::kBool}, {DataType::kDouble}}));
  EXPECT_TRUE(kernel.variadic);
}

}  // namespace
}  // namespace yard::graph
