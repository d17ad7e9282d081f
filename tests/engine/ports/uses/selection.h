// A single selection: whoever is chosen takes the place of whoever was, by connecting one port anew.
#pragma once

#include <vector>

#include "engine/ports/handlers.h"
#include "engine/ports/network.h"

namespace yard::ports::uses {

// Something that can be chosen. `number` is its place among the selection's items.
class Item final : public FastAgent {
 public:
  enum Ports : std::uint32_t { kChoose, kChosen, kState };
  explicit Item(std::int64_t number) : number_(number) {}

  std::optional<std::int64_t> choose(Payload) {
    if (is_selected_) return std::nullopt;
    is_selected_ = true;
    return number_;
  }
  void become(bool selected) { is_selected_ = selected; }
  [[nodiscard]] bool is_selected() const { return is_selected_; }

  [[nodiscard]] std::string_view type() const override { return "Item"; }
  [[nodiscard]] std::span<const PortSpec> ports() const override {
    static constexpr std::array kPorts{relayed<&Item::choose, kChosen>("choose"), port("chosen"),
                                       handled<&Item::become>("state")};
    return kPorts;
  }
  void save(PackWriter& out) const override { out.boolean(is_selected_); }

 private:
  std::int64_t number_;
  bool is_selected_ = false;
};

// Port 0 leads to the item that is selected; the others are where items say that they are chosen.
class Selection final : public FastAgent {
 public:
  static constexpr std::uint32_t kSelected = 0;
  static constexpr std::uint32_t kFirstItem = 1;

  explicit Selection(std::vector<AgentHandle> items) : items_(std::move(items)), ports_{port("selected")} {
    ports_.insert(ports_.end(), items_.size(), handled<&Selection::chosen>("item"));
  }

  void chosen(std::int64_t number, Hop& hop) {
    hop.emit(kSelected, false);  // on the graph as it is: to the one before
    (void)hop.network().connect(port_handle(kSelected), {items_.at(static_cast<std::size_t>(number)), Item::kState});
  }

  [[nodiscard]] std::string_view type() const override { return "Selection"; }
  [[nodiscard]] std::span<const PortSpec> ports() const override { return ports_; }

 private:
  std::vector<AgentHandle> items_;
  std::vector<PortSpec> ports_;
};

}  // namespace yard::ports::uses
