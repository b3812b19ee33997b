package cpu

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

// TestLowered runs this program again with instructions switched off, beside those that are off already.
func TestLowered(t *testing.T) {
	if os.Getenv("CPU_TEST_PRINT") != "" {
		os.Stdout.WriteString("level=" + Best().String() + "\n")
		return
	}
	for _, c := range []struct{ reason, godebug, want string }{
		{"as it is", "", Best().String()},
		{"without AVX-512", "cpu.avx512f=off", min(Best(), AVX2).String()},
		{"AVX-512 with a part missing", "cpu.avx512bw=off", min(Best(), AVX2).String()},
		{"without AVX2", "cpu.avx2=off", "go"},
		{"AVX2 without FMA", "cpu.fma=off", "go"},
		{"AVX2 without BMI2", "cpu.bmi2=off", "go"},
	} {
		if Best() != AVX2 && Best() != AVX512 {
			c.want = Best().String() // other machines have no such options
		}
		cmd := exec.Command(os.Args[0], "-test.run=^TestLowered$")
		cmd.Env = append(os.Environ(), "CPU_TEST_PRINT=1", "GODEBUG="+os.Getenv("GODEBUG")+","+c.godebug)
		out, err := cmd.CombinedOutput()
		if errors.Is(err, syscall.ENOEXEC) {
			t.Skip("this program is run by an emulator, which the machine does not know how to start")
		}
		if err != nil || !strings.Contains(string(out), "level="+c.want+"\n") {
			t.Errorf("%s (GODEBUG=%s): %v\n%swant level=%s", c.reason, c.godebug, err, out, c.want)
		}
	}
}

func TestNames(t *testing.T) {
	for l, want := range map[Level]string{Go: "go", AVX2: "avx2", AVX512: "avx512", NEON: "neon"} {
		if got := l.String(); got != want {
			t.Errorf("level %d is %q, want %q", l, got, want)
		}
	}
}
