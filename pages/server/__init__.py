"""What the web server adds to Streamlit: a health check, Leaflet's files, and guards."""
