"""The forms that are not Streamlit's: for a phone in the dark, and for paper."""
