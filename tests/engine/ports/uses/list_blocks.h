// A list of blocks: an update goes straight to the block that it is for, and no other block hears of it.
#pragma once

#include <string>
#include <vector>

#include "engine/ports/handlers.h"
#include "engine/ports/network.h"

namespace yard::ports::uses {

// One block; what it shows is an effect each time it changes.
class Block final : public FastAgent {
 public:
  enum Ports : std::uint32_t { kEdit };

  void edit(std::string_view text, Hop& hop) {
    if (text == text_) return;
    text_ = text;
    hop.effect("show", Payload::text(text));
  }
  [[nodiscard]] const std::string& text() const { return text_; }

  [[nodiscard]] std::string_view type() const override { return "Block"; }
  [[nodiscard]] std::span<const PortSpec> ports() const override {
    static constexpr std::array kPorts{handled<&Block::edit>("edit")};
    return kPorts;
  }
  void save(PackWriter& out) const override { out.string(text_); }

 private:
  std::string text_;
};

// Takes {"row", "text"}; row i is whatever is connected to port i + 1. Rows move by connecting their ports anew.
class List final : public FastAgent {
 public:
  static constexpr std::uint32_t kUpdate = 0;
  [[nodiscard]] static std::uint32_t port_of_row(std::uint32_t row) { return row + 1; }

  explicit List(std::uint32_t rows) : ports_{handled<&List::update>("update")} {
    ports_.insert(ports_.end(), rows, port("row"));
  }

  Status update(PackView update, Hop& hop) {
    const std::int64_t row = update.find("row").integer_or(-1);
    const auto text = update.find("text").string();
    if (row < 0 || row + 1 >= static_cast<std::int64_t>(ports_.size()) || !text)
      return fail(ErrorCode::kInvalidArguments, "an update has a row of the list and a text");
    hop.emit(port_of_row(static_cast<std::uint32_t>(row)), Payload::text(*text));
    return {};
  }

  [[nodiscard]] std::string_view type() const override { return "List"; }
  [[nodiscard]] std::span<const PortSpec> ports() const override { return ports_; }

 private:
  std::vector<PortSpec> ports_;
};

}  // namespace yard::ports::uses
