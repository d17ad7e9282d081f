// Hops of ports beside what one would write by hand for the one purpose.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>
#include <zmq.hpp>

#include "engine/base/check.h"
#include "engine/ports/handlers.h"
#include "engine/ports/network.h"
#include "tests/bench/road_bench.h"

namespace yard::bench {
namespace {

using Clock = std::chrono::steady_clock;
using ports::Network;

using ports::PortHandle;
using ports::PortSpec;

constexpr std::uint32_t kChain = 100;  // hops of a ticket: what a ticket costs by itself is a hundredth of it
// The best of many short batches: the machine interrupts whole milliseconds.
constexpr int kBatches = 100;
constexpr int kTickets = 1'000;  // of a batch

double ns_since(Clock::time_point began) {
  return std::chrono::duration<double, std::nano>(Clock::now() - began).count();
}

// What each hop does, here and by hand: a sum is kept, and the next number goes on.
class Stage final : public ports::FastAgent {
 public:
  enum Ports : std::uint32_t { kIn, kOut };
  std::int64_t step(std::int64_t value) {
    sum_ += value;
    return value + 1;
  }
  [[nodiscard]] std::string_view type() const override { return "Stage"; }
  [[nodiscard]] std::span<const PortSpec> ports() const override {
    static constexpr std::array kPorts{ports::relayed<&Stage::step, kOut>("in"), ports::port("out")};
    return kPorts;
  }
  void save(PackWriter& out) const override { out.integer(sum_); }

 private:
  std::int64_t sum_ = 0;
};

// The same, emitting instead of returning.
class Emitter final : public ports::FastAgent {
 public:
  enum Ports : std::uint32_t { kIn, kOut };
  void step(std::int64_t value, ports::Hop& hop) {
    sum_ += value;
    hop.emit(kOut, value + 1);
  }
  [[nodiscard]] std::string_view type() const override { return "Emitter"; }
  [[nodiscard]] std::span<const PortSpec> ports() const override {
    static constexpr std::array kPorts{ports::handled<&Emitter::step>("in"), ports::port("out")};
    return kPorts;
  }

 private:
  std::int64_t sum_ = 0;
};

// Where a chain ends.
class Sink final : public ports::FastAgent {
 public:
  enum Ports : std::uint32_t { kIn };
  void take(std::int64_t value) { sum_ += value; }
  [[nodiscard]] std::string_view type() const override { return "Sink"; }
  [[nodiscard]] std::span<const PortSpec> ports() const override {
    static constexpr std::array kPorts{ports::handled<&Sink::take>("in")};
    return kPorts;
  }

 private:
  std::int64_t sum_ = 0;
};

// Agents of one sort, the first of which only sends, and a sink.
template <typename A>
class Chain {
 public:
  Chain(std::uint32_t hops, bool fast) {
    PortHandle last;
    for (std::uint32_t i = 0; i < hops; ++i) {
      const ports::AgentHandle agent = network_.add<A>().value();
      i == 0 ? void(begin_ = {agent, A::kOut}) : connect(last, {agent, A::kIn});
      last = {agent, A::kOut};
    }
    connect(last, {network_.add<Sink>().value(), Sink::kIn});
    if (fast) YARD_CHECK(network_.compile_graph().ports == hops);
  }
  void run(std::int64_t value) { YARD_CHECK(network_.dispatch(begin_, value).has_value()); }

 private:
  void connect(PortHandle a, PortHandle b) { YARD_CHECK(network_.connect(a, b).has_value()); }

  Network network_;
  PortHandle begin_;
};

// The reference of fast hops: each port has a pointer to the next handler, good for one epoch.
struct GuardedPort {
  void (*handler)(struct GuardedStage& stage, std::int64_t value, const std::uint64_t& epoch) = nullptr;
  struct GuardedStage* stage = nullptr;
  std::uint64_t epoch = 0;
};
struct GuardedStage {
  std::int64_t sum = 0;
  GuardedPort out;
};
void guarded_step(GuardedStage& stage, std::int64_t value, const std::uint64_t& epoch) {
  stage.sum += value;
  if (stage.out.epoch != epoch) return;
  stage.out.handler(*stage.out.stage, value + 1, epoch);
}

class GuardedChain {
 public:
  explicit GuardedChain(std::uint32_t hops) {
    for (std::uint32_t i = 0; i < hops; ++i) stages_.push_back(std::make_unique<GuardedStage>());
    for (std::uint32_t i = 0; i + 1 < hops; ++i) stages_[i]->out = {guarded_step, stages_[i + 1].get(), epoch_};
    begin_ = {guarded_step, stages_[0].get(), epoch_};
  }
  void run(std::int64_t value) {
    if (begin_.epoch == epoch_) begin_.handler(*begin_.stage, value, epoch_);
  }

 private:
  std::uint64_t epoch_ = 1;
  std::vector<std::unique_ptr<GuardedStage>> stages_;
  GuardedPort begin_;
};

// The reference of managed hops: a ring of what is to be done, and agents that are looked up by their number.
class Ring {
 public:
  explicit Ring(std::uint32_t hops) : sums_(hops), handlers_(hops, step) {}
  void run(std::int64_t value) {
    push(0, value);
    while (head_ != tail_) {
      const Entry& entry = entries_[head_++ % entries_.size()];
      handlers_[entry.target](*this, entry.target, entry.value);
    }
  }

 private:
  struct Entry {
    std::uint64_t target = 0;
    std::int64_t value = 0;
  };
  static void step(Ring& ring, std::uint64_t target, std::int64_t value) {
    ring.sums_[target] += value;
    if (target + 1 < ring.sums_.size()) ring.push(target + 1, value + 1);
  }
  void push(std::uint64_t target, std::int64_t value) { entries_[tail_++ % entries_.size()] = {target, value}; }

  std::vector<std::int64_t> sums_;
  std::vector<void (*)(Ring&, std::uint64_t, std::int64_t)> handlers_;
  std::array<Entry, 1'024> entries_{};
  std::uint64_t head_ = 0;
  std::uint64_t tail_ = 0;
};

template <typename Chained>
double hop_ns(Chained& chain) {
  double best = 0;
  for (int batch = 0; batch < kBatches; ++batch) {
    const auto began = Clock::now();
    for (int i = 0; i < kTickets; ++i) chain.run(i);
    const double ns = ns_since(began) / kTickets / kChain;
    best = batch == 0 ? ns : std::min(best, ns);
  }
  return best;
}

template <typename Ours, typename Reference>
Comparison hops(const std::string& name, const std::string& reference_name, double reach_for,
                const std::shared_ptr<Ours>& ours, const std::shared_ptr<Reference>& reference) {
  return {.name = name,
          .reference_name = reference_name,
          .unit = "ns",
          .reach_for = reach_for,
          .smaller_is_better = true,
          .ours = [ours] { return hop_ns(*ours); },
          .reference = [reference] { return hop_ns(*reference); }};
}

constexpr int kCasts = 1'000;  // at a time: they find room in the sockets' queues

// Casts that come in by a socket, and what is done with each.
class Casts {
 public:
  Casts() : sender_(context_, zmq::socket_type::push), receiver_(context_, zmq::socket_type::pull) {
    receiver_.bind("tcp://127.0.0.1:*");
    sender_.connect(receiver_.get(zmq::sockopt::last_endpoint));
  }
  // Nanoseconds from a receive to the next.
  template <typename Do>
  double receive_ns(Do&& take) {
    const std::int64_t value = 7;
    zmq::message_t message;
    double best = 0;
    for (int batch = 0; batch < kBatches; ++batch) {
      for (int i = 0; i < kCasts; ++i)
        YARD_CHECK(sender_.send(zmq::const_buffer(&value, sizeof value), zmq::send_flags::none).has_value());
      const auto began = Clock::now();
      for (int i = 0; i < kCasts; ++i) {
        YARD_CHECK(receiver_.recv(message).has_value());
        take(*message.data<std::int64_t>());
      }
      const double ns = ns_since(began) / kCasts;
      best = batch == 0 ? ns : std::min(best, ns);
    }
    return best;
  }

 private:
  zmq::context_t context_{1};
  zmq::socket_t sender_;
  zmq::socket_t receiver_;
};

Comparison casts() {
  struct Setting {
    Casts casts;
    Chain<Stage> chain{10, true};
  };
  const auto setting = lazily<Setting>();
  return {.name = "ports cast and ten hops",
          .reference_name = "the raw receive",
          .unit = "ns",
          .reach_for = 1.2,
          .smaller_is_better = true,
          .ours =
              [setting] {
                Setting& s = setting();
                return s.casts.receive_ns([&](std::int64_t value) { s.chain.run(value); });
              },
          .reference = [setting] { return setting().casts.receive_ns([](std::int64_t) {}); }};
}

}  // namespace

std::vector<Comparison> ports_comparisons() {
  const auto guarded = std::make_shared<GuardedChain>(kChain);
  const auto ring = std::make_shared<Ring>(kChain);
  const std::string by_hand = "guarded function pointers by hand";
  return {
      hops("ports fast hop", by_hand, 1.2, std::make_shared<Chain<Stage>>(kChain, true), guarded),
      hops("ports fast hop that emits", by_hand, 0, std::make_shared<Chain<Emitter>>(kChain, true), guarded),
      hops("ports managed hop", "a ring by hand", 2, std::make_shared<Chain<Stage>>(kChain, false), ring),
      hops("ports managed hop that emits", "a ring by hand", 2, std::make_shared<Chain<Emitter>>(kChain, false), ring),
      casts()};
}

}  // namespace yard::bench
